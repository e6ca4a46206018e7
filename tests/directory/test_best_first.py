"""Address books get the best of what matches: given names first, in Vietnamese order, within any limit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from govdir.directory import best_first, names_in_order
from govdir.directory.access import AccessRules
from govdir.directory.access_view import AccessView
from govdir.directory.caller import Caller, Role
from govdir.directory.cookies import Cookies
from govdir.directory.errors import SizeLimitExceeded
from govdir.directory.options import PLAIN_SEARCH
from govdir.directory.search import Searching
from govdir.directory.selection import Selection
from govdir.ldap.codec.decode import decode_message
from govdir.ldap.codec.encode import search_entry
from govdir.ldap.codec.filter_text import parse_filter
from govdir.ldap.codec.messages import DerefAliases, Scope, SearchRequest, SearchResultEntry
from tests.directory.imaging import SUFFIX, VOCABULARY, Plot

RULES = AccessRules.parse(
    Path("govdir/directory/data/access.toml").read_text("utf-8"), VOCABULARY, publication=True
)
PEOPLE = (
    ("lvminh", "Lê", "Văn", "Minh"),
    ("ntminh", "Nguyễn", "Thị", "Minh"),
    ("nvminh", "Nguyễn", "Văn", "Minh"),
    ("nhminh", "Nguyễn", "Hữu", "Mình"),
    ("mvan", "Minh", "Văn", "An"),
    ("tman", "Trần", "Minh", "An"),
    ("tmanh", "Trần", "Minh", "Ánh"),
    ("pqminhtri", "Phạm", "Quốc", "Minh Trí"),
    ("tthoa", "Trần", "Thị", "Hòa"),
    ("dvxminhx", "Đỗ", "Văn", "Xuân"),
)


def town() -> Plot:
    plot = Plot()
    plot.put("ou=orgs", {"objectClass": "organizationalUnit", "ou": "orgs"})
    body = ("organizationalUnit", "gdOrganization", "gdMailbox")
    for label, name in (("minhlong", "Xã Minh Long"), ("minhhoa", "Minh Hoà"), ("sonv", "Sở Nội vụ")):
        mail = f"{label}@cantho.gov.vn"
        plot.put(f"ou={label},ou=orgs", {"objectClass": body, "ou": label, "displayName": name, "mail": mail})
    for uid, surname, middle, given in PEOPLE:
        named(plot, uid, surname, middle, given)
    return plot


def named(plot: Plot, uid: str, surname: str, middle: str, given: str) -> None:
    whole = f"{surname} {middle} {given}"
    values = {"uid": uid, "cn": whole, "sn": surname, "gdMiddleName": middle, "givenName": given}
    values |= {"displayName": f"{whole} - Sở Nội vụ", "mail": f"{uid}@cantho.gov.vn"}
    classes = ("inetOrgPerson", "gdPerson", "gdMailbox")
    plot.put(f"uid={uid},ou=sonv,ou=orgs", {"objectClass": classes, **values})


@pytest.fixture(params=["few", "many"])
def plot(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Plot:
    """The same answers whether few are sorted or many walked through."""
    if request.param == "many":
        monkeypatch.setattr(best_first, "_FEW", 0)
        monkeypatch.setattr(best_first, "_RARE", 0)
        monkeypatch.setattr(best_first, "_BREATHE_EVERY", 1)
        monkeypatch.setattr(names_in_order, "_BREATHE_EVERY", 1)
    return town()


def asked(
    plot: Plot, text: str, limit: int = 100, role: Role = Role.ADMINISTRATOR, base: str = ""
) -> Iterator[str]:
    """The labels and uids of what is found, in the order it comes; then "…" where there is more."""
    view = AccessView(RULES, Caller("", None, role), plot.image)
    searching = Searching(plot.image, view, Cookies(b"x" * 32))
    names = ("uid", "ou")
    dn = f"{base},{SUFFIX}" if base else str(SUFFIX)
    search = SearchRequest(
        dn, Scope.WHOLE_SUBTREE, DerefAliases.NEVER, limit, 0, False, parse_filter(text), names
    )
    found = searching.run(plot.at(base), search, Selection(names, VOCABULARY, types_only=False), PLAIN_SEARCH)
    try:
        for content in found:
            if isinstance(content, bytes):
                entry = decode_message(search_entry(1, content)).operation
                assert isinstance(entry, SearchResultEntry)
                yield entry.object_name.partition(",")[0].partition("=")[2]
    except SizeLimitExceeded:
        yield "…"


def anywhere(word: str) -> str:
    """Thunderbird's question."""
    attributes = ("cn", "givenName", "sn", "mozillaNickname", "mail", "mozillaSecondEmail")
    return f"(|{''.join(f'({name}=*{word}*)' for name in attributes)})"


@pytest.mark.parametrize("word", ["minh", "MINH"])
def test_given_names_come_first_then_surnames_then_other_words_then_the_rest(plot: Plot, word: str) -> None:
    issue = f"(|(displayName=*{word}*)(mail=*{word}*)(sn=*{word}*)(givenName=*{word}*))"
    assert list(asked(plot, issue)) == [
        *["ntminh", "lvminh", "nvminh", "nhminh", "pqminhtri"],
        *["mvan", "minhhoa"],
        *["tman", "tmanh", "minhlong"],
        "dvxminhx",
    ]


@pytest.mark.parametrize("limit", [1, 3, 5, 7])
def test_a_limit_leaves_the_best(plot: Plot, limit: int) -> None:
    everybody = list(asked(plot, anywhere("minh")))
    assert list(asked(plot, anywhere("minh"), limit)) == [*everybody[:limit], "…"]
    assert list(asked(plot, anywhere("minh"), len(everybody))) == everybody


def test_marks_that_are_typed_must_be_there(plot: Plot) -> None:
    assert list(asked(plot, anywhere("mình"))) == ["nhminh"]
    assert list(asked(plot, anywhere("hoà"))) == ["tthoa"]
    assert list(asked(plot, "(|(displayName=*hoà*)(cn=*hoà*))")) == ["tthoa", "minhhoa"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("tran minh", ["tman", "tmanh"]),
        ("minh tran", ["tman", "tmanh"]),
        ("nguyen minh", ["ntminh", "nvminh", "nhminh"]),
        ("anh minh", ["tmanh"]),
        ("minh zz", []),
    ],
)
def test_two_words_in_any_order(plot: Plot, words: str, expected: list[str]) -> None:
    both = "".join(map(anywhere, words.split()))
    assert list(asked(plot, f"(&{both})")) == expected


def test_what_stands_beside_the_words_is_heeded(plot: Plot) -> None:
    assert list(asked(plot, f"(&(mail=nv*){anywhere('minh')})")) == ["nvminh"]
    assert list(asked(plot, f"(&{anywhere('minh')}(objectClass=organizationalUnit))")) == [
        "minhhoa",
        "minhlong",
    ]
    assert list(asked(plot, f"(&{anywhere('minh')}(!(sn=Nguyễn)))", 2)) == ["lvminh", "pqminhtri", "…"]


def test_only_the_base_and_below_it(plot: Plot) -> None:
    assert list(asked(plot, "(|(displayName=*minh*)(cn=*minh*))", base="ou=minhhoa,ou=orgs")) == ["minhhoa"]


def test_starts_only_where_starts_are_asked_for(plot: Plot) -> None:
    outlook = "(&(mail=*)(|(mail=mi*)(|(cn=mi*)(|(sn=mi*)(|(givenName=mi*)(displayName=mi*))))))"
    found = list(asked(plot, outlook))
    assert found == ["ntminh", "lvminh", "nvminh", "nhminh", "pqminhtri", "mvan", "minhhoa", "minhlong"]
    assert list(asked(plot, "(cn=mi*)")) == ["mvan"]
    assert list(asked(plot, "(cn=*an)")) == list(asked(plot, "(cn=*an)", 0))


def test_the_order_follows_changes(plot: Plot) -> None:
    list(asked(plot, anywhere("minh")))
    named(plot, "athminh", "Âu", "Thị", "Minh")
    assert next(asked(plot, anywhere("minh"))) == "athminh"
    changed = plot.at("uid=athminh,ou=sonv,ou=orgs")
    plot.change(
        changed,
        "uid=athminh,ou=sonv,ou=orgs",
        {"objectClass": "inetOrgPerson", "uid": "athminh", "cn": "Âu Vy", "sn": "Âu", "givenName": "Vy"},
    )
    assert "athminh" not in list(asked(plot, anywhere("minh")))
    assert list(asked(plot, anywhere("vy"))) == ["athminh"]
    plot.image.remove(changed.id)
    assert list(asked(plot, anywhere("vy"))) == []


def test_without_a_limit_all_come(plot: Plot) -> None:
    assert sorted(asked(plot, anywhere("minh"), 0)) == sorted(asked(plot, anywhere("minh")))


def test_one_letter_is_answered_too(plot: Plot) -> None:
    assert list(asked(plot, anywhere("a"), 2)) == ["tman", "mvan", "…"]


def test_whoever_may_not_search_an_attribute_finds_nobody_by_it(plot: Plot) -> None:
    assert list(asked(plot, "(|(gdMiddleName=*huu*)(cn=*zz*))", role=Role.ANONYMOUS)) == []
    assert list(asked(plot, anywhere("minh"), 3, role=Role.ANONYMOUS))[:3] == ["ntminh", "lvminh", "nvminh"]
