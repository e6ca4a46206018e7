"""What the controls of changes come to before the change is made."""

from __future__ import annotations

import pytest

from govdir.directory.errors import ProtocolError, UnavailableCriticalExtension
from govdir.directory.options import PLAIN_SEARCH, PLAIN_WRITE
from govdir.ldap.codec.controls import oids
from govdir.ldap.codec.controls.assertion import encode_assertion
from govdir.ldap.codec.controls.effective_rights import RightsQuestion, encode_rights_question
from govdir.ldap.codec.controls.read_entry import encode_post_read, encode_pre_read
from govdir.ldap.codec.filters import Present
from govdir.ldap.codec.messages import (
    AddRequest,
    CompareRequest,
    Control,
    DeleteRequest,
    ModifyDnRequest,
    ModifyRequest,
    SearchRequest,
)
from govdir.ldap.server.controls import NOTHING_ASKED, read_controls
from govdir.ldap.server.traits import TRAITS

ALL = (
    encode_assertion(Present("cn")),
    encode_pre_read(("cn",)),
    encode_post_read(()),
    Control(oids.PERMISSIVE_MODIFY, False),
    Control(oids.NO_OP, False),
)


def test_everything_that_is_asked_of_a_modify_is_told_the_directory() -> None:
    write = read_controls(ALL, TRAITS[ModifyRequest].controls).write

    assert (write.assertion, write.pre_read, write.post_read) == (Present("cn"), ("cn",), ())
    assert (write.permissive, write.no_op) == (True, True)
    assert read_controls((), TRAITS[ModifyRequest].controls).write is PLAIN_WRITE


@pytest.mark.parametrize(
    ("request_type", "taken"),
    [
        (AddRequest, {oids.ASSERTION, oids.POST_READ, oids.NO_OP}),
        (ModifyRequest, {control.oid for control in ALL}),
        (ModifyDnRequest, {oids.ASSERTION, oids.PRE_READ, oids.POST_READ, oids.NO_OP}),
        (DeleteRequest, {oids.ASSERTION, oids.PRE_READ, oids.NO_OP}),
        (CompareRequest, {oids.ASSERTION}),
        (SearchRequest, {oids.ASSERTION}),
    ],
)
def test_a_control_is_taken_where_it_means_something(request_type: type, taken: set[str]) -> None:
    for control in ALL:
        critical = Control(control.oid, True, control.value)
        if control.oid in taken:
            assert read_controls((critical,), TRAITS[request_type].controls) != NOTHING_ASKED
        else:
            with pytest.raises(UnavailableCriticalExtension):
                read_controls((critical,), TRAITS[request_type].controls)


def test_dont_use_copy_must_be_critical_and_asks_for_nothing() -> None:
    for request_type in (SearchRequest, CompareRequest):
        taken = TRAITS[request_type].controls
        assert read_controls((Control(oids.DONT_USE_COPY, True),), taken).search is PLAIN_SEARCH
        for wrong in (Control(oids.DONT_USE_COPY, False), Control(oids.DONT_USE_COPY, True, b"x")):
            with pytest.raises(ProtocolError):
                read_controls((wrong,), taken)


@pytest.mark.parametrize("oid", [oids.NO_OP, oids.PERMISSIVE_MODIFY])
def test_what_has_no_value_takes_none(oid: str) -> None:
    with pytest.raises(ProtocolError, match="must be absent"):
        read_controls((Control(oid, True, b"x"),), TRAITS[ModifyRequest].controls)


def test_a_question_about_rights_is_for_searches() -> None:
    asked = read_controls(
        (encode_rights_question(RightsQuestion("dn:", ("cn",))),), TRAITS[SearchRequest].controls
    )
    assert asked.search.rights == RightsQuestion("dn:", ("cn",))
