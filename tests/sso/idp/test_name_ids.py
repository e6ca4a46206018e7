"""Names for service providers."""

from __future__ import annotations

import re

import pytest

from govdir.sso.idp.name_ids import (
    NameIds,
    NoAddress,
    UnsuitablePolicy,
    format_for,
    format_of_metadata,
    is_same_name,
)
from govdir.sso.saml.model import NameId, NameIdPolicy
from tests.directory.building import ADMIN
from tests.sso.idp.stage import AN, BINH, EMAIL, IDP, PERSISTENT, SECRET, TRANSIENT, UNSPECIFIED, Stage

SP, OTHER = "https://portal.example.vn/metadata", "https://files.example.vn/metadata"
NAMES = NameIds(SECRET, IDP)


@pytest.mark.parametrize("format_", [EMAIL, UNSPECIFIED])
def test_two_formats_are_the_address(stage: Stage, format_: str) -> None:
    name_id = NAMES.name_id(format_, SP, stage.account(), None)

    assert name_id == NameId("lvan@cantho.gov.vn", format_)


@pytest.mark.parametrize("format_", [EMAIL, UNSPECIFIED])
def test_who_has_no_address_has_no_such_name(stage: Stage, format_: str) -> None:
    with pytest.raises(NoAddress):
        NAMES.name_id(format_, SP, stage.account(ADMIN), None)


def test_a_persistent_name_is_the_same_for_ever_and_another_for_each_service_provider(stage: Stage) -> None:
    session = stage.signed_in().session
    an, binh = stage.account(AN), stage.account(BINH)

    first = NAMES.name_id(PERSISTENT, SP, an, session)
    again = NameIds(SECRET, "https://moved.example/saml/metadata").name_id(PERSISTENT, SP, an, None)
    others = {
        NAMES.name_id(PERSISTENT, OTHER, an, session).value,
        NAMES.name_id(PERSISTENT, SP, binh, session).value,
        NameIds(b"another secret of thirty-two oct", IDP).name_id(PERSISTENT, SP, an, session).value,
    }

    assert first.value == again.value
    assert len(others | {first.value}) == 4
    assert re.fullmatch("[0-9a-f]{64}", first.value)
    assert (first.name_qualifier, first.sp_name_qualifier) == (IDP, SP)


def test_the_persistent_name_of_a_known_secret_stays_what_it_is() -> None:
    # service providers file people under it: a release that computes another loses everybody's files
    assert (
        NAMES.pairwise(SP, "d4677354-C2A7-4b65-94fe-19b1db336dda")
        == NAMES.pairwise(SP, "d4677354-c2a7-4b65-94fe-19b1db336dda")
        == "5df4a0164d0069cc5c51ccccd7206c85d038eac0cb1c95feb3da2fab214a1aa0"
    )


def test_a_transient_name_lasts_as_long_as_the_session_and_tells_nothing(stage: Stage) -> None:
    account = stage.account()
    one, other = stage.signed_in().session, stage.signed_in().session

    values = [NAMES.name_id(TRANSIENT, SP, account, session).value for session in (one, one, other)]
    elsewhere = NAMES.name_id(TRANSIENT, OTHER, account, one).value

    assert values[0] == values[1]
    assert len({*values, elsewhere}) == 3
    assert re.fullmatch("_[0-9a-f]{64}", values[0])


@pytest.mark.parametrize(
    ("asked", "usual", "knows", "answered"),
    [
        (None, EMAIL, True, EMAIL),
        (NameIdPolicy(), PERSISTENT, False, PERSISTENT),
        (NameIdPolicy(UNSPECIFIED), TRANSIENT, False, TRANSIENT),
        (NameIdPolicy(PERSISTENT), EMAIL, True, PERSISTENT),
        (NameIdPolicy(PERSISTENT, None, allow_create=False), EMAIL, True, PERSISTENT),
        (NameIdPolicy(PERSISTENT, SP), EMAIL, True, PERSISTENT),
        (NameIdPolicy(TRANSIENT), PERSISTENT, False, TRANSIENT),
        (NameIdPolicy(EMAIL), UNSPECIFIED, False, EMAIL),
        (NameIdPolicy(EMAIL), PERSISTENT, True, EMAIL),
        (NameIdPolicy(EMAIL), PERSISTENT, False, None),
        (NameIdPolicy(PERSISTENT, OTHER), EMAIL, True, None),
        (NameIdPolicy(None, OTHER), EMAIL, True, None),
        (NameIdPolicy("urn:oasis:names:tc:SAML:2.0:nameid-format:entity"), EMAIL, True, None),
    ],
)
def test_the_format_is_the_one_asked_for_where_it_may_be(
    asked: NameIdPolicy | None, usual: str, knows: bool, answered: str | None
) -> None:
    if answered is None:
        with pytest.raises(UnsuitablePolicy):
            format_for(asked, SP, usual, may_know_address=knows)
    else:
        assert format_for(asked, SP, usual, may_know_address=knows) == answered


@pytest.mark.parametrize(
    ("listed", "answered"),
    [
        ((), EMAIL),
        ((TRANSIENT, EMAIL), EMAIL),
        ((PERSISTENT, UNSPECIFIED), EMAIL),
        ((TRANSIENT, PERSISTENT), PERSISTENT),
        ((TRANSIENT,), EMAIL),
        (("urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName",), EMAIL),
    ],
)
def test_an_application_is_called_by_addresses_unless_it_lists_persistent_names_and_not_them(
    listed: tuple[str, ...], answered: str
) -> None:
    assert format_of_metadata(listed) == answered


HELD = NameId("abc", PERSISTENT, IDP, SP)


@pytest.mark.parametrize(
    ("said", "same"),
    [
        (HELD, True),
        (NameId("abc", PERSISTENT), True),
        (NameId("abc", UNSPECIFIED), True),
        (NameId("abc", EMAIL), False),
        (NameId("ABC", PERSISTENT), False),
        (NameId("abc", PERSISTENT, "https://another"), False),
        (NameId("abc", PERSISTENT, IDP, OTHER), False),
    ],
)
def test_a_name_may_come_back_with_less_said_but_nothing_else(said: NameId, same: bool) -> None:
    assert is_same_name(said, HELD) is same
