"""Every refusal keeps its code and text; everything else says nothing of itself to the client."""

import pytest
from twisted.logger import globalLogPublisher

from govdir.directory import errors
from govdir.directory.errors import DirectoryError, RuleViolation
from govdir.ldap.codec.result_codes import ResultCode
from govdir.ldap.server import refusals
from govdir.ldap.server.results import result_of


def all_refusals(kind=DirectoryError):
    return [kind, *(deeper for each in kind.__subclasses__() for deeper in all_refusals(each))]


def make(kind):
    if issubclass(kind, RuleViolation):
        return kind("no", rule="address", citation="Điều 4.2")
    if issubclass(kind, errors.Referral):
        return kind("no", referrals=("ldap://b/dc=vn",), matched_dn="dc=vn")
    return kind("no", matched_dn="dc=vn")


@pytest.fixture
def logged():
    events = []
    globalLogPublisher.addObserver(events.append)
    yield events
    globalLogPublisher.removeObserver(events.append)


@pytest.mark.parametrize("kind", all_refusals(), ids=lambda kind: kind.__name__)
def test_every_refusal_becomes_its_own_code_and_text(kind):
    result = result_of(make(kind))
    assert result.code is kind.code
    assert result.diagnostic_message == "no"


def test_a_referral_tells_where_to_go_on():
    assert result_of(make(errors.Referral)).referrals == ("ldap://b/dc=vn",)


def test_there_are_refusals_to_map():
    assert {errors.NoSuchObject, refusals.OperationsError} < set(all_refusals())


def test_the_matched_name_is_kept():
    assert result_of(errors.NoSuchObject(matched_dn="dc=vn")).matched_dn == "dc=vn"


def test_an_unexpected_exception_is_an_incident_that_the_log_knows(logged):
    result = result_of(ValueError("mật khẩu hunter2"))
    incident = result.diagnostic_message.rpartition(" ")[2].rstrip(")")
    assert result.code is ResultCode.OTHER
    assert result.diagnostic_message == f"internal error (incident {incident})"
    assert [event["incident"] for event in logged] == [incident]


def test_the_text_of_an_unexpected_exception_reaches_neither_client_nor_log(logged):
    def fail():
        raise ValueError("hunter2")

    with pytest.raises(ValueError) as caught:
        fail()
    result = result_of(caught.value)
    assert "hunter2" not in result.diagnostic_message
    assert "hunter2" not in str([(event["text"], event["kind"]) for event in logged])
    assert "in fail" in logged[0]["stack"]
