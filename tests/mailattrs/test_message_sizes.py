"""How large a message may be, for its sender and for who gets it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from govdir.mailattrs.message_sizes import MIB, Limit
from govdir.mailattrs.sending import Action, Message, Sending, Verdict
from govdir.mailattrs.sending_texts import SIZE_SET
from govdir.policy.load import load_province, shipped_provinces
from tests.directory.building import SONV, SUFFIX, Town, open_town

SENDER, READER = "ttlan@binhphuoc.gov.vn", "lqhuy@binhphuoc.gov.vn"


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sizes") / "town.db"
    with open_town(path, province="binhphuoc") as town:
        town.person("lan", "Trần Thị Lan")
        town.person("huy", "Lê Quang Huy")
    return path


@pytest.fixture
def town(tmp_path: Path, furnished: Path) -> Iterator[Town]:
    with open_town(tmp_path / "town.db", furnished, province="binhphuoc") as town:
        yield town


def address(town: Town, uid: str) -> str:
    return town.values(f"uid={uid},{SONV}", "mail")[0]


def decide(town: Town, **message: object) -> Verdict:
    return Sending(town.directory, load_province("binhphuoc")).decide(Message(**message))  # type: ignore[arg-type]


def sent(town: Town, size: int, **more: object) -> Verdict:
    lan, huy = address(town, "lan"), address(town, "huy")
    return decide(town, **{"login": lan, "sender": lan, "recipient": huy, "size": size, **more})


def test_up_to_the_very_octet_a_message_passes(town: Town) -> None:
    assert [sent(town, size).action for size in (0, 28 * MIB, 28 * MIB + 1)] == [
        Action.PASS,
        Action.PASS,
        Action.TOO_LARGE,
    ]


def test_the_refusal_names_limit_files_and_article(town: Town) -> None:
    verdict = sent(town, 30 * MIB)
    assert (verdict.rule, verdict.citation and verdict.citation.article) == ("size", "Điều 7 khoản 2 điểm b")
    assert verdict.why.en == (
        f"the message is larger than 28 MB, the most for {address(town, 'lan')} (attached files: 20 MB)"
    )


def test_the_recipients_limit_counts_for_mail_from_outside(town: Town) -> None:
    huy = address(town, "huy")
    town.replace(f"uid=huy,{SONV}", "maxMessageSize", str(5 * MIB))
    verdict = decide(town, sender="ai@example.com", recipient=huy, size=6 * MIB)
    assert (verdict.action, verdict.citation) == (Action.TOO_LARGE, SIZE_SET)
    assert verdict.why.vi == f"thư lớn hơn 5 MB, mức tối đa của {huy}"


def test_the_smaller_of_the_two_limits_counts(town: Town) -> None:
    town.replace(f"uid=lan,{SONV}", "maxMessageSize", str(2 * MIB))
    assert [sent(town, size).action for size in (2 * MIB, 3 * MIB)] == [Action.PASS, Action.TOO_LARGE]


def test_nought_is_unlimited(town: Town) -> None:
    for uid in ("lan", "huy"):
        town.replace(f"uid={uid},{SONV}", "maxMessageSize", "0")
    assert sent(town, 10_000 * MIB).passes


def test_the_remembered_limit_of_several_recipients_counts_at_the_end(town: Town) -> None:
    smallest = Limit(MIB, "huy@binhphuoc.gov.vn", SIZE_SET)
    verdict = sent(town, 2 * MIB, recipient="", remembered=smallest)
    assert (verdict.action, "huy@binhphuoc.gov.vn" in verdict.why.en) == (Action.TOO_LARGE, True)


def test_a_verdict_tells_the_recipients_limit(town: Town) -> None:
    verdict = sent(town, 0)
    assert verdict.limit is not None
    assert (verdict.limit.octets, verdict.limit.files) == (28 * MIB, 20 * MIB)


def test_a_mailbox_used_by_others_sends_by_its_own_limit(town: Town) -> None:
    lan, box = address(town, "lan"), town.values(SONV, "mail")[0]
    town.replace(SONV, "maxMessageSize", str(MIB))
    assert decide(town, login=box, sender=box, size=2 * MIB).action is Action.TOO_LARGE
    assert decide(town, login=lan, sender=lan, size=2 * MIB).passes


EXPECTED = {
    "binhphuoc": (28, 20, "Điều 7 khoản 2 điểm b"),
    "cantho": (35, 0, ""),
    "daklak": (35, 0, ""),
    "daknong": (35, 25, "Điều 5 khoản 2"),
    "vinhphuc": (35, 0, ""),
}


@pytest.mark.parametrize("province", shipped_provinces())
def test_every_province_has_its_own_limit_and_article(tmp_path: Path, province: str) -> None:
    with open_town(tmp_path / "town.db", province=province) as town:
        town.person("lan", "Trần Thị Lan")
        lan = address(town, "lan")
        verdict = Sending(town.directory, load_province(province)).decide(
            Message(login=lan, sender=lan, size=40 * MIB, recipient=lan)
        )
    assert verdict.action is Action.TOO_LARGE
    assert verdict.limit is not None
    assert verdict.citation is not None
    found = verdict.limit.octets // MIB, verdict.limit.files // MIB, verdict.citation.article
    assert found == EXPECTED[province]


LIST_RULES = {
    "binhphuoc": ("", "mặc định của hệ thống"),
    "cantho": ("Điều 11 khoản 5", ""),
    "daklak": ("", "mặc định của hệ thống"),
    "daknong": ("Điều 5 khoản 1 điểm e", ""),
    "vinhphuc": ("", "mặc định của hệ thống"),
}


@pytest.mark.parametrize("province", shipped_provinces())
def test_every_province_keeps_outsiders_from_its_lists_by_its_own_article(
    tmp_path: Path, province: str
) -> None:
    with open_town(tmp_path / "town.db", province=province) as town:
        dn = f"cn=tatca,ou=lists,{SUFFIX}"
        domain = load_province(province).domain
        mail = f"internal@{domain}" if province == "daknong" else f"tatca@{domain}"
        town.add(dn, {"objectClass": "gdMailList", "mail": mail})
        verdict = Sending(town.directory, load_province(province)).decide(
            Message(sender="ai@example.com", recipient=mail)
        )
    assert (verdict.action, verdict.rule) == (Action.REFUSE, "list-login")
    assert verdict.citation is not None
    source = verdict.citation.source
    assert (verdict.citation.article, "" if source is None else source.vi) == LIST_RULES[province]
