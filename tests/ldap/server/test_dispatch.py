"""The tables from request to operation, and controls, checked once for all (RFC 4511 §4.1.11)."""

from typing import get_args

import pytest

from govdir.directory.errors import ProtocolError, UnavailableCriticalExtension
from govdir.directory.options import PageRequest
from govdir.ldap.codec.cancel import CANCEL
from govdir.ldap.codec.controls.oids import MANAGE_DSA_IT, PAGED_RESULTS
from govdir.ldap.codec.controls.paged_results import PagedResults, encode_paged_results
from govdir.ldap.codec.extended import PASSWORD_MODIFY, START_TLS, WHO_AM_I
from govdir.ldap.codec.messages import (
    AddRequest,
    BindRequest,
    Control,
    DeleteRequest,
    ExtendedRequest,
    LdapResult,
    ModifyDnRequest,
    ModifyRequest,
    Request,
    SearchRequest,
    SearchResultDone,
)
from govdir.ldap.codec.result_codes import ResultCode
from govdir.ldap.codec.transactions import END_TRANSACTION, START_TRANSACTION
from govdir.ldap.server.controls import NOTHING_ASKED, read_controls
from govdir.ldap.server.dispatch import update
from govdir.ldap.server.refusals import SessionViolation
from govdir.ldap.server.session import Manner
from govdir.ldap.server.traits import EXTENDED, TRAITS, trait_of
from tests.ldap.server.doubles import PERSON, FakeDirectory, add_request

SUCCESS = LdapResult(ResultCode.SUCCESS)
SEARCH = TRAITS[SearchRequest]
PAGED = encode_paged_results(PagedResults(100, b"cookie"))


def test_every_request_of_the_protocol_has_a_trait():
    assert set(TRAITS) == set(get_args(Request))


@pytest.mark.parametrize("kind", TRAITS, ids=lambda kind: kind.__name__)
def test_every_operation_with_a_response_wraps_a_result(kind):
    trait = TRAITS[kind]
    if trait.respond is not None:
        assert trait.respond(SUCCESS).result is SUCCESS


def test_only_unbind_and_abandon_have_no_response():
    assert sorted(trait.name for trait in TRAITS.values() if trait.respond is None) == ["abandon", "unbind"]


@pytest.mark.parametrize(
    ("oid", "name"),
    [
        (START_TLS, "start_tls"),
        (WHO_AM_I, "who_am_i"),
        (PASSWORD_MODIFY, "password_modify"),
        ("1.2", "extended"),
    ],
)
def test_extended_operations_are_told_apart_by_their_name(oid, name):
    assert trait_of(ExtendedRequest(oid)).name == name


def test_a_response_is_not_a_request():
    with pytest.raises(SessionViolation):
        trait_of(SearchResultDone(SUCCESS))


UPDATES = {
    add_request(): "add",
    ModifyRequest("dc=vn", ()): "modify",
    ModifyDnRequest("dc=vn", "dc=la", True): "modify_dn",
    DeleteRequest("dc=vn"): "delete",
    ExtendedRequest(PASSWORD_MODIFY): "change_password",
}


def run_to_end(work):
    with pytest.raises(StopIteration):
        work.send(None)


@pytest.mark.parametrize("request_", UPDATES, ids=UPDATES.values())
def test_every_update_reaches_the_directory(request_):
    directory = FakeDirectory()
    run_to_end(update(request_, directory.as_caller(PERSON), passwords_allowed=True))
    assert [call[0] for call in directory.calls] == [UPDATES[request_]]


def test_there_is_no_update_without_a_case():
    kinds = {kind for kind, trait in TRAITS.items() if trait.manner is Manner.UPDATE}
    assert kinds == {type(request) for request in UPDATES} - {ExtendedRequest}


def test_what_is_no_update_is_not_performed_as_one():
    with pytest.raises(SessionViolation):
        update(ExtendedRequest(WHO_AM_I), None, passwords_allowed=True).send(None)


def test_an_unknown_critical_control_is_refused():
    with pytest.raises(UnavailableCriticalExtension):
        read_controls((Control("1.2.3", critical=True),), SEARCH.controls)


def test_an_unknown_control_that_is_not_critical_is_ignored():
    assert read_controls((Control("1.2.3", value=b"\xff"),), SEARCH.controls) is NOTHING_ASKED


def test_a_control_of_another_operation_is_unknown_here():
    with pytest.raises(UnavailableCriticalExtension):
        read_controls(
            (Control(PAGED_RESULTS, critical=True, value=PAGED.value),), TRAITS[DeleteRequest].controls
        )


def test_bind_takes_no_controls():
    with pytest.raises(UnavailableCriticalExtension):
        read_controls((Control(MANAGE_DSA_IT, critical=True),), TRAITS[BindRequest].controls)


@pytest.mark.parametrize("oid", [MANAGE_DSA_IT, "1.2.3"])
def test_a_control_twice_is_a_protocol_error(oid):
    with pytest.raises(ProtocolError):
        read_controls((Control(oid), Control(oid)), SEARCH.controls)


@pytest.mark.parametrize("value", [None, b"", b"\x30\x01", b"\x30\x03\x02\x01\x05"])
def test_a_paged_results_value_that_is_none_is_a_protocol_error(value):
    with pytest.raises(ProtocolError):
        read_controls((Control(PAGED_RESULTS, value=value),), SEARCH.controls)


@pytest.mark.parametrize("critical", [True, False])
def test_paged_results_become_a_page_request(critical):
    control = Control(PAGED_RESULTS, critical, PAGED.value)
    assert read_controls((control, Control(MANAGE_DSA_IT)), SEARCH.controls).search.page == PageRequest(
        100, b"cookie"
    )


def test_manage_dsa_it_has_no_value_but_an_empty_one_passes():
    read_controls((Control(MANAGE_DSA_IT, critical=True, value=b""),), TRAITS[AddRequest].controls)
    with pytest.raises(ProtocolError):
        read_controls((Control(MANAGE_DSA_IT, value=b"x"),), TRAITS[AddRequest].controls)


def test_the_extended_operations_announced_are_those_with_a_trait():
    assert set(EXTENDED) == {
        CANCEL,
        START_TLS,
        START_TRANSACTION,
        END_TRANSACTION,
        WHO_AM_I,
        PASSWORD_MODIFY,
    }
