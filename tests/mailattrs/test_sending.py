"""Whether a message may be sent: who sends it, as whom, and to which lists."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from govdir.ldap.codec.messages import Change, ModifyOperation, ModifyRequest
from govdir.mailattrs.sending import Action, Message, Sending, Verdict
from govdir.policy.load import load_province
from tests.directory.building import SONV, SOTTTT, SUFFIX, Town, attribute, open_town

LAN, HUY = (f"uid={uid},{SONV}" for uid in ("lan", "huy"))
MAI = f"uid=mai,{SOTTTT}"
ALL, SMALL = (f"cn={name},ou=lists,{SUFFIX}" for name in ("all", "small"))
AS_LAN, AS_HUY, AS_MAI = "ttlan@cantho.gov.vn", "lqhuy@cantho.gov.vn", "pxmai@cantho.gov.vn"
BOX, OTHER_BOX = "sonv@cantho.gov.vn", "sotttt@cantho.gov.vn"


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lan heads the first agency and owns its mailbox, Huy is the delegate; Mai is of the other, whose
    mailbox is not shared. The first agency has a list of its staff."""
    path = tmp_path_factory.mktemp("sending") / "town.db"
    with open_town(path) as town:
        town.person("lan", "Trần Thị Lan")
        town.person("huy", "Lê Quang Huy")
        town.person("mai", "Phạm Xuân Mai", SOTTTT)
        share(town, SONV, LAN, HUY)
        town.add(ALL, {"objectClass": "gdMailList", "mail": "all@cantho.gov.vn", "owner": SONV})
    return path


def share(town: Town, dn: str, owner: str, *delegates: str) -> None:
    parts = [("objectClass", ("gdSharedMailbox",)), ("owner", (owner,)), ("gdDelegate", delegates)]
    changes = tuple(Change(ModifyOperation.ADD, attribute(name, values)) for name, values in parts if values)
    town.run(town.local.modify(ModifyRequest(dn, changes)))


@pytest.fixture
def town(tmp_path: Path, furnished: Path) -> Iterator[Town]:
    with open_town(tmp_path / "town.db", furnished) as town:
        yield town


def decide(town: Town, **message: object) -> Verdict:
    return Sending(town.directory, load_province("cantho")).decide(Message(**message))  # type: ignore[arg-type]


def rule(town: Town, **message: object) -> tuple[Action, str]:
    verdict = decide(town, **message)
    return verdict.action, verdict.rule


# -- who sends


def test_a_person_sends_as_oneself(town: Town) -> None:
    verdict = decide(town, login=AS_LAN, sender=AS_LAN, recipient=AS_MAI)
    assert (verdict.action, verdict.rule) == (Action.PASS, "own-address")
    assert verdict.why.en == "ttlan@cantho.gov.vn sends under an address of its own"


@pytest.mark.parametrize("login", [AS_LAN, "lan", "TTLAN@CANTHO.GOV.VN", "lan.cu@cantho.gov.vn"])
@pytest.mark.parametrize("sender", [AS_LAN, "lan.cu@cantho.gov.vn", "ttlan+bao@cantho.gov.vn", ""])
def test_login_and_sender_are_known_by_every_address_of_theirs(town: Town, login: str, sender: str) -> None:
    town.replace(LAN, "mailLocalAddress", "lan.cu@cantho.gov.vn")
    assert decide(town, login=login, sender=sender).passes


@pytest.mark.parametrize(
    ("state", "why", "article"),
    [
        (
            "sendblocked",
            "the mailbox ttlan@cantho.gov.vn may receive but not send",
            "do người quản trị hệ thống đặt",
        ),
        ("suspended", "the mailbox ttlan@cantho.gov.vn is suspended", "Điều 5 khoản 4, Điều 14 khoản 2"),
        ("revoked", "the mailbox ttlan@cantho.gov.vn was revoked", "Điều 5 khoản 3, khoản 4"),
    ],
)
def test_who_is_closed_sends_no_more_however_open_the_session(
    town: Town, state: str, why: str, article: str
) -> None:
    town.replace(LAN, "gdState", state)
    verdict = decide(town, login=AS_LAN, sender=AS_LAN, recipient=AS_MAI)
    assert (verdict.action, verdict.rule, verdict.why.en) == (Action.REFUSE, "may-not-send", why)
    assert verdict.citation is not None
    assert verdict.citation.reference == article


def test_whose_password_must_be_changed_sends_nothing_before(town: Town) -> None:
    town.run(town.local.change_password(LAN, None, None))
    verdict = decide(town, login=AS_LAN, sender=AS_LAN)
    assert verdict.why.en == "the password of ttlan@cantho.gov.vn must be changed before mail is sent"
    assert verdict.citation == load_province("cantho").first_password


def test_who_is_deleted_meanwhile_is_no_account(town: Town) -> None:
    town.delete(MAI)
    assert rule(town, login=AS_MAI, sender=AS_MAI) == (Action.REFUSE, "unknown-login")


def test_a_list_does_not_sign_in(town: Town) -> None:
    assert rule(town, login="all@cantho.gov.vn", sender="all@cantho.gov.vn") == (
        Action.REFUSE,
        "unknown-login",
    )


# -- as whom


@pytest.mark.parametrize(
    ("sender", "why"),
    [
        (AS_HUY, "ttlan@cantho.gov.vn may not send as lqhuy@cantho.gov.vn"),
        ("ai@example.com", "ttlan@cantho.gov.vn may not send as ai@example.com"),
        ("khongco@cantho.gov.vn", "ttlan@cantho.gov.vn may not send as khongco@cantho.gov.vn"),
        (
            OTHER_BOX,
            "the mailbox sotttt@cantho.gov.vn is not shared (gdSharedMailbox); "
            "only its own login sends as it",
        ),
    ],
)
def test_nobody_sends_as_somebody_else(town: Town, sender: str, why: str) -> None:
    verdict = decide(town, login=AS_LAN, sender=sender, recipient=AS_MAI)
    assert (verdict.action, verdict.rule, verdict.why.en) == (Action.REFUSE, "own-address", why)


def test_nobody_sends_as_a_list_whoever_controls_it(town: Town) -> None:
    assert rule(town, login=BOX, sender="all@cantho.gov.vn") == (Action.REFUSE, "as-list")


@pytest.mark.parametrize(("login", "by"), [(AS_LAN, "shared-owner"), (AS_HUY, "shared-delegate")])
def test_owner_and_delegate_send_as_the_shared_mailbox(town: Town, login: str, by: str) -> None:
    assert rule(town, login=login, sender=BOX, recipient=AS_MAI) == (Action.PASS, by)


def test_others_do_not_send_as_the_shared_mailbox(town: Town) -> None:
    verdict = decide(town, login=AS_MAI, sender=BOX, recipient=AS_LAN)
    assert (verdict.action, verdict.rule) == (Action.REFUSE, "shared-delegate")
    assert verdict.citation is not None
    assert verdict.citation.article == "Điều 11 khoản 1"


def test_an_authorisation_ends_at_its_second(town: Town) -> None:
    until = datetime(2026, 3, 5, 10, tzinfo=UTC)
    town.replace(SONV, "gdDelegateUntil", "20260305100000Z")
    sends = []
    for moment in (until - timedelta(seconds=1), until):
        town.clock.moment = moment
        sends.append(rule(town, login=AS_HUY, sender=BOX))
    assert sends == [(Action.PASS, "shared-delegate"), (Action.REFUSE, "shared-until")]


def test_the_owner_goes_on_when_the_delegates_authorisation_is_over(town: Town) -> None:
    town.replace(SONV, "gdDelegateUntil", "20260305100000Z")
    town.clock.pass_time(days=30)
    assert rule(town, login=AS_LAN, sender=BOX) == (Action.PASS, "shared-owner")


def test_a_delegate_who_is_authorised_no_more_is_refused_at_once(town: Town) -> None:
    town.change(SONV, ModifyOperation.DELETE, "gdDelegate", HUY)
    assert rule(town, login=AS_HUY, sender=BOX) == (Action.REFUSE, "shared-delegate")


@pytest.mark.parametrize("state", ["sendblocked", "suspended"])
def test_a_shared_mailbox_that_may_not_send_is_used_by_nobody(town: Town, state: str) -> None:
    town.replace(SONV, "gdState", state)
    assert rule(town, login=AS_LAN, sender=BOX) == (Action.REFUSE, "may-not-send")


def test_a_closed_delegate_does_not_send_as_the_shared_mailbox_either(town: Town) -> None:
    town.replace(HUY, "gdState", "sendblocked")
    assert "lqhuy" in decide(town, login=AS_HUY, sender=BOX).why.en


def test_a_bodys_own_login_sends_as_itself(town: Town) -> None:
    assert rule(town, login=OTHER_BOX, sender=OTHER_BOX, recipient=AS_LAN) == (Action.PASS, "own-address")


# -- mail from outside, and relays


@pytest.mark.parametrize("sender", ["ai@example.com", AS_LAN, "all@cantho.gov.vn", ""])
def test_mail_from_outside_to_people_is_left_to_the_mail_server(town: Town, sender: str) -> None:
    town.replace(LAN, "gdState", "suspended")
    assert rule(town, sender=sender, recipient=AS_MAI) == (Action.PASS, "pass")


@pytest.mark.parametrize("sender", ["ai@example.com", BOX, ""])
def test_mail_from_outside_to_a_list_is_refused_whatever_it_says_of_itself(town: Town, sender: str) -> None:
    verdict = decide(town, sender=sender, recipient="all@cantho.gov.vn")
    assert (verdict.action, verdict.rule) == (Action.REFUSE, "list-login")
    assert verdict.citation is not None
    assert verdict.citation.article == "Điều 11 khoản 5"


def test_a_list_that_is_open_to_anybody_takes_mail_from_outside(town: Town) -> None:
    town.replace(ALL, "gdSenderPolicy", "any")
    assert rule(town, sender="ai@example.com", recipient="all@cantho.gov.vn") == (Action.PASS, "list-sender")


@pytest.mark.parametrize(
    ("sender", "expected"),
    [
        (BOX, (Action.PASS, "list-sender")),
        (AS_LAN, (Action.REFUSE, "list-sender")),
        ("ai@example.com", (Action.REFUSE, "list-sender")),
        ("all@cantho.gov.vn", (Action.REFUSE, "as-list")),
        ("", (Action.REFUSE, "list-login")),
    ],
)
def test_the_senders_of_a_trusted_relay_are_believed(
    town: Town, sender: str, expected: tuple[Action, str]
) -> None:
    assert rule(town, sender=sender, recipient="all@cantho.gov.vn", believed=True) == expected


def test_who_is_closed_does_not_send_through_a_trusted_relay(town: Town) -> None:
    town.replace(LAN, "gdState", "sendblocked")
    assert rule(town, sender=AS_LAN, recipient=AS_MAI, believed=True) == (Action.REFUSE, "may-not-send")


def test_a_login_counts_more_than_where_it_comes_from(town: Town) -> None:
    assert rule(town, login=AS_LAN, sender=AS_HUY, believed=True) == (Action.REFUSE, "own-address")


# -- to a list


@pytest.mark.parametrize(
    ("login", "sender", "expected"),
    [
        (BOX, BOX, Action.PASS),
        (AS_HUY, BOX, Action.PASS),  # as the agency that controls it
        (AS_HUY, AS_HUY, Action.REFUSE),
        (AS_HUY, "", Action.REFUSE),
        (AS_MAI, AS_MAI, Action.REFUSE),
    ],
)
def test_to_an_agencys_list_sends_its_mailbox_and_who_uses_it(
    town: Town, login: str, sender: str, expected: Action
) -> None:
    assert rule(town, login=login, sender=sender, recipient="all@cantho.gov.vn") == (expected, "list-sender")


def test_somebody_authorised_by_name_may_send_also_as_a_mailbox_that_is_not(town: Town) -> None:
    share(town, SOTTTT, MAI)
    town.replace(ALL, "owner", SONV, MAI)
    assert rule(town, login=AS_MAI, sender=OTHER_BOX, recipient="all@cantho.gov.vn")[0] is Action.PASS


@pytest.mark.parametrize(
    "address",
    [
        "ALL@cantho.gov.vn",
        "all",
        "all+1@cantho.gov.vn",
        "tatca@cantho.gov.vn",
        "all%cantho.gov.vn@mx.example.com",
    ],
)
def test_a_list_is_guarded_under_every_address_that_reaches_it(town: Town, address: str) -> None:
    town.replace(ALL, "mailLocalAddress", "tatca@cantho.gov.vn")
    assert rule(town, login=AS_MAI, sender=AS_MAI, recipient=address) == (Action.REFUSE, "list-sender")


@pytest.mark.parametrize(
    ("policy", "expected"),
    [("members", Action.PASS), ("org", Action.PASS), ("owners", Action.REFUSE), ("listed", Action.REFUSE)],
)
def test_members_may_send_where_the_list_says_so(town: Town, policy: str, expected: Action) -> None:
    town.replace(ALL, "gdSenderPolicy", policy)
    assert rule(town, login=AS_HUY, sender=AS_HUY, recipient="all@cantho.gov.vn") == (expected, "list-sender")


def test_members_that_are_named_count_too(town: Town) -> None:
    named = {"objectClass": "gdMailList", "mail": "small@cantho.gov.vn", "owner": SONV, "member": (MAI,)}
    town.add(SMALL, {**named, "gdSenderPolicy": "members"})
    sends = [
        rule(town, login=login, sender=login, recipient="small@cantho.gov.vn")[0]
        for login in (AS_MAI, AS_HUY)
    ]
    assert sends == [Action.PASS, Action.REFUSE]


def test_a_recipient_nobody_has_is_left_to_the_mail_server(town: Town) -> None:
    assert decide(town, login=AS_LAN, sender=AS_LAN, recipient="khongco@cantho.gov.vn").passes
