"""What somebody tries who wants to send as another, to a closed list, or to upset the judge."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.ldap.codec.messages import Change, ModifyOperation, ModifyRequest
from govdir.mailattrs.sending import Action, Message, Sending
from govdir.mailservers.networks import Networks
from govdir.mailservers.policy_request import PolicyRequest
from govdir.mailservers.policy_service import PolicyService, PolicySettings
from govdir.policy.load import load_province
from tests.directory.building import SONV, SUFFIX, Town, attribute, open_town

LAN = f"uid=lan,{SONV}"
AS_LAN, AS_HUY, BOX, ALL = (f"{name}@cantho.gov.vn" for name in ("ttlan", "lqhuy", "sonv", "all"))
PACK = load_province("cantho")
RELAY = "192.0.2.1"

PIECES = st.sampled_from(
    [
        "ttlan", "all", "sonv", "@", "cantho.gov.vn", "%", "!", "+", '"', "\\", ".", ",", ":", " ", "(", ")",
        "<", "{", "}", "{address}", "{0}", "%s", "\0", "\r\n", "\n\naction=OK", "ＡＬＬ", "аll", "\u200b",
        "\ud7ff", "*",
    ]
)  # fmt: skip
TEXTS = st.lists(PIECES | st.characters(codec="utf-8"), max_size=12).map("".join)


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("attacks") / "town.db"
    with open_town(path) as town:
        town.person("lan", "Trần Thị Lan", mailLocalAddress="lan.cu@cantho.gov.vn")
        town.person("huy", "Lê Quang Huy")
        changes = [("objectClass", ("gdSharedMailbox",)), ("owner", (LAN,))]
        town.run(
            town.local.modify(
                ModifyRequest(SONV, tuple(Change(ModifyOperation.ADD, attribute(*each)) for each in changes))
            )
        )
        town.add(
            f"cn=all,ou=lists,{SUFFIX}",
            {
                "objectClass": "gdMailList",
                "mail": ALL,
                "mailLocalAddress": "moi@cantho.gov.vn",
                "owner": SONV,
            },
        )
    return path


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, furnished: Path) -> Iterator[Town]:
    """A town that no test of this module changes."""
    with open_town(tmp_path_factory.mktemp("shared") / "town.db", furnished) as town:
        yield town


@pytest.fixture
def town(tmp_path: Path, furnished: Path) -> Iterator[Town]:
    with open_town(tmp_path / "town.db", furnished) as town:
        yield town


def rule(town: Town, **message: str) -> tuple[Action, str]:
    verdict = Sending(town.directory, PACK).decide(Message(**message))  # type: ignore[arg-type]
    return verdict.action, verdict.rule


REQUESTS = st.builds(
    PolicyRequest,
    state=st.just("RCPT"),
    client=st.sampled_from(["", RELAY]),
    login=TEXTS,
    sender=TEXTS,
    recipient=TEXTS,
    size=st.integers(0, 1 << 62),
)


@given(REQUESTS)
def test_whatever_comes_is_answered_in_one_line_and_is_no_fault(
    shared: Town, request_: PolicyRequest
) -> None:
    faults: list[str] = []

    class Log:
        def note(self, _request: object, _peer: str, rule: str, _action: str, _elapsed: float) -> None:
            faults.append(rule) if rule == "fault" else None

    service = PolicyService(
        Sending(shared.directory, PACK),
        PolicySettings(trusted=Networks([RELAY])),
        seconds=lambda: 0.0,
        log=Log(),  # type: ignore[arg-type]
    )
    answer = asyncio.run(service.answer(request_, "127.0.0.1"))
    assert faults == []
    assert answer.startswith(b"action=")
    assert (answer.count(b"\n"), answer[-2:], answer.isascii(), len(answer) <= 512) == (
        2,
        b"\n\n",
        True,
        True,
    )


@pytest.mark.parametrize(
    "sender",
    [
        AS_LAN,
        AS_LAN.upper(),
        f"{AS_LAN}.",
        f"{AS_LAN}@",
        '"ttlan"@cantho.gov.vn',
        '"tt\\lan"@cantho.gov.vn',
        "ttlan+huy@cantho.gov.vn",
        "ttlan%cantho.gov.vn",
        "cantho.gov.vn!ttlan",
        "ttlan",
        f"@relay.example:{AS_LAN}",
        f"{AS_HUY},{AS_LAN}",
        f"{AS_HUY} {AS_LAN}",
        f"{AS_LAN}@{AS_HUY}",
        f'"{AS_HUY}"@cantho.gov.vn',
        "lqhuy%cantho.gov.vn@cantho.gov.vn",
        "lan.cu@cantho.gov.vn",
        "lan.cu+lqhuy@cantho.gov.vn",
        "ttlаn@cantho.gov.vn",
        "ｔｔｌａｎ@cantho.gov.vn",
        "lqhu\u0443@cantho.gov.vn",
        "postmaster",
        "+@cantho.gov.vn",
        "@cantho.gov.vn",
        ALL,
        BOX,
        f"{BOX.partition('@')[0]}+lqhuy@cantho.gov.vn",
        LAN,
    ],
)
def test_nobody_elses_address_in_any_spelling_is_ones_own(shared: Town, sender: str) -> None:
    assert rule(shared, login=AS_HUY, sender=sender, recipient="khach@example.org")[0] is Action.REFUSE


@pytest.mark.parametrize("login", [LAN, "*", "l*", "lan)(uid=*", ALL, "moi@cantho.gov.vn", " ", "+", "@"])
def test_what_is_no_account_does_not_sign_in(shared: Town, login: str) -> None:
    assert rule(shared, login=login, sender=AS_LAN) == (Action.REFUSE, "unknown-login")


@pytest.mark.parametrize(
    "recipient",
    [
        "moi@cantho.gov.vn",
        "MOI+1@cantho.gov.vn",
        '"moi"@cantho.gov.vn',
        "moi%cantho.gov.vn@mx",
        " all@cantho.gov.vn",
    ],
)
def test_a_closed_list_is_closed_under_its_further_address_too(shared: Town, recipient: str) -> None:
    for login in ("", AS_HUY):
        action, why = rule(shared, login=login, sender=AS_HUY if login else "", recipient=recipient)
        assert (action, why.startswith("list")) == (Action.REFUSE, True)


def test_who_gets_the_uid_of_somebody_deleted_gets_neither_session_nor_address(town: Town) -> None:
    town.delete(f"uid=huy,{SONV}")
    town.person("huy", "Vũ Quang Huy")
    assert rule(town, login=AS_HUY, sender=AS_HUY) == (Action.REFUSE, "unknown-login")
    assert rule(town, login="huy", sender=AS_HUY) == (Action.REFUSE, "own-address")
    assert rule(town, login="huy", sender="vqhuy@cantho.gov.vn") == (Action.PASS, "own-address")


def test_an_open_session_goes_on_under_the_name_before_and_after_a_renaming(town: Town) -> None:
    changes = [("cn", ("Trần Thị Loan",)), ("givenName", ("Loan",)), ("mail", ("*",))]
    parts = tuple(Change(ModifyOperation.REPLACE, attribute(*each)) for each in changes)
    town.run(town.local.modify(ModifyRequest(LAN, parts)))
    for login in (AS_LAN, "ttloan@cantho.gov.vn", "lan"):
        for sender in (AS_LAN, "ttloan@cantho.gov.vn", BOX):
            assert rule(town, login=login, sender=sender)[0] is Action.PASS
