"""`govdir import` of LDIF: who of one file chooses an address first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from shutil import copytree

import pytest

from tests.cli.command_line import govdir
from tests.cli.office import texts

SUFFIX = "dc=vinhphuc,dc=gov,dc=vn"
STC = f"ou=stc,ou=orgs,{SUFFIX}"
BODY = (
    f"dn: {STC}\nobjectClass: organizationalUnit\nobjectClass: gdOrganization\nobjectClass: gdMailbox\n"
    "displayName: Sở Tài chính\ngdMailboxKind: org\n"
)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of Vĩnh Phúc, whose regulation lets a higher post choose first (Điều 5 khoản 2 điểm b)."""
    home = tmp_path_factory.mktemp("vinhphuc") / "home"
    assert govdir("init", home, "--province", "vinhphuc").exit_code == 0
    return home


@pytest.fixture
def home(template: Path, tmp_path: Path) -> Path:
    return Path(copytree(template, tmp_path / "home"))


def person(uid: str, post: str = "", *more: str, name: str = "Lê Văn Tú") -> str:
    posts = (f"title: {post}",) if post else ()
    lines = (f"dn: uid={uid},{STC}", "objectClass: inetOrgPerson", "objectClass: gdPerson")
    return "\n".join((*lines, "objectClass: gdMailbox", f"cn: {name}", "sn: Lê", *posts, *more)) + "\n"


def bring(home: Path, *files: Sequence[str]) -> None:
    paths = [home.parent / f"{number}.ldif" for number, _ in enumerate(files)]
    for path, records in zip(paths, files, strict=True):
        path.write_text("\n".join(records), "utf-8")
    result = govdir("import", home, *paths)
    assert result.exit_code == 0, result.stderr


def mail(home: Path, uid: str) -> str:
    return texts(home, f"uid={uid},{STC}", "mail")[0].partition("@")[0]


def test_the_higher_post_goes_first_and_equal_ones_as_they_stand(home: Path) -> None:
    officers = [person("a", "Chuyên viên"), person("b", "Chuyên viên"), person("c")]
    bring(home, [BODY, *officers, person("d", "Phó Giám đốc"), person("e", "Giám đốc")])

    assert [mail(home, uid) for uid in "edabc"] == ["tulv", "tulv1", "tulv2", "tulv3", "tulv4"]


def test_the_position_goes_before_the_title(home: Path) -> None:
    bring(home, [BODY, person("a", "Giám đốc", "gdPosition: Chuyên viên"), person("b", "Phó Giám đốc")])

    assert (mail(home, "b"), mail(home, "a")) == ("tulv", "tulv1")


def test_an_address_that_is_given_stays_and_asking_by_asterisk_is_giving_none(home: Path) -> None:
    given = person("a", "Chuyên viên", "mail: tulv@vinhphuc.gov.vn")
    bring(home, [BODY, given, person("b", "Chuyên viên", "mail: *"), person("c", "Giám đốc")])

    assert [mail(home, uid) for uid in "acb"] == ["tulv", "tulv1", "tulv2"]


def test_whoever_is_there_already_is_never_displaced(home: Path) -> None:
    bring(home, [BODY, person("a", "Chuyên viên")])
    bring(home, [person("b", "Giám đốc")])

    assert (mail(home, "a"), mail(home, "b")) == ("tulv", "tulv1")


def test_each_file_is_a_batch_of_its_own(home: Path) -> None:
    bring(home, [BODY, person("a", "Chuyên viên")], [person("b", "Chuyên viên"), person("c", "Giám đốc")])

    assert [mail(home, uid) for uid in "acb"] == ["tulv", "tulv1", "tulv2"]


def test_people_may_come_before_their_body_and_roles_may_name_them(home: Path) -> None:
    group = (
        f"dn: cn=operators,ou=admins,{SUFFIX}\nobjectClass: gdRoleGroup\ngdRoleKind: operator\n"
        f"member: uid=b,{STC}\n"
    )
    bring(home, [person("a", "Chuyên viên"), group, person("b", "Giám đốc"), BODY])

    assert (mail(home, "b"), mail(home, "a")) == ("tulv", "tulv1")


def test_where_no_rule_says_so_the_order_of_the_file_decides(office: Path, tmp_path: Path) -> None:
    sonv = "ou=sonv,ou=orgs,dc=cantho,dc=gov,dc=vn"
    first, second = (
        person(uid, post, name="Lê Văn Tú").replace(STC, sonv)
        for uid, post in (("a", "Chuyên viên"), ("b", "Giám đốc"))
    )
    path = tmp_path / "people.ldif"
    path.write_text(f"{first}\n{second}", "utf-8")

    assert govdir("import", office, path).exit_code == 0
    assert texts(office, f"uid=a,{sonv}", "mail") == ("lvtu@cantho.gov.vn",)
