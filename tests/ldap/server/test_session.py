"""The session's rules, without octets and without a reactor (RFC 4511 §4.1.1.1, §4.2.1, §4.11)."""

import pytest

from govdir.ldap.codec.messages import LdapMessage
from govdir.ldap.server.refusals import SessionViolation
from govdir.ldap.server.session import Admission, Manner, Session
from tests.ldap.server.doubles import MAIL_SERVICE, PERSON, UNBIND, FakeDirectory

ANONYMOUS = FakeDirectory().as_caller(FakeDirectory.anonymous)
SERVICE = FakeDirectory().as_caller(MAIL_SERVICE)


def session(at_most=8):
    return Session(ANONYMOUS, outstanding_at_most=at_most, tls=False, passwords_allowed=True)


def begin(opened, number, manner=Manner.UPDATE):
    return opened.begin(LdapMessage(number, UNBIND), manner, 0.0)


def wait(opened, number, manner=Manner.READ):
    opened.wait(LdapMessage(number, UNBIND), manner, 0.0)


def test_message_id_zero_is_a_violation():
    with pytest.raises(SessionViolation):
        session().admit(0, Manner.READ)


def test_the_id_of_an_outstanding_request_is_a_violation():
    opened = session()
    begin(opened, 1)
    with pytest.raises(SessionViolation):
        opened.admit(1, Manner.IMMEDIATE)


def test_the_id_of_a_waiting_request_is_a_violation():
    opened = session()
    begin(opened, 1)
    wait(opened, 2)
    with pytest.raises(SessionViolation):
        opened.admit(2, Manner.READ)


def test_an_id_may_be_used_again_once_its_request_has_ended():
    opened = session()
    opened.finish(begin(opened, 1))
    assert opened.admit(1, Manner.READ) is Admission.START


def test_the_id_of_an_abandoned_request_may_be_used_again():
    opened = session()
    running = begin(opened, 1, Manner.READ)
    opened.abandon(1)
    begin(opened, 1, Manner.READ)
    assert not opened.finish(running)
    assert list(opened.outstanding) == [1]


def test_reads_run_side_by_side():
    opened = session()
    begin(opened, 1, Manner.READ)
    assert opened.admit(2, Manner.READ) is Admission.START


def test_an_update_starts_beside_reads_that_came_before_it():
    opened = session()
    begin(opened, 1, Manner.READ)
    assert opened.admit(2, Manner.UPDATE) is Admission.START


@pytest.mark.parametrize("manner", [Manner.READ, Manner.UPDATE])
def test_what_comes_after_an_update_waits_for_it(manner):
    opened = session()
    begin(opened, 1, Manner.UPDATE)
    assert opened.admit(2, manner) is Admission.WAIT


@pytest.mark.parametrize("manner", [Manner.READ, Manner.UPDATE, Manner.BIND])
def test_what_comes_after_a_bind_waits_for_it(manner):
    opened = session()
    opened.begin_bind(LdapMessage(1, UNBIND), 0.0)
    assert opened.admit(2, manner) is Admission.WAIT


def test_abandon_and_unbind_never_wait():
    opened = session()
    begin(opened, 1)
    assert opened.admit(2, Manner.IMMEDIATE) is Admission.START


def test_a_bind_does_not_wait_for_an_update():
    opened = session()
    begin(opened, 1)
    assert opened.admit(2, Manner.BIND) is Admission.START


def test_waiting_requests_start_in_order_once_nothing_is_in_their_way():
    opened = session()
    update = begin(opened, 1)
    wait(opened, 2)
    wait(opened, 3)
    assert opened.next_waiting() is None
    opened.finish(update)
    assert [opened.next_waiting().message.message_id for _ in range(2)] == [2, 3]
    assert opened.next_waiting() is None


def test_a_bind_makes_the_session_anonymous_at_once_and_abandons_what_is_outstanding():
    opened = session()
    opened.identify(SERVICE)
    search = begin(opened, 1, Manner.READ)
    _, abandoned = opened.begin_bind(LdapMessage(2, UNBIND), 0.0)
    assert opened.handle is ANONYMOUS
    assert abandoned == [search]
    assert not opened.finish(search)


def test_a_bind_that_waited_leaves_what_came_after_it():
    opened = session()
    first, _ = opened.begin_bind(LdapMessage(1, UNBIND), 0.0)
    wait(opened, 2, Manner.BIND)
    wait(opened, 3)
    opened.finish(first)
    opened.begin_bind(opened.next_waiting().message, 0.0)
    assert list(opened.waiting) == [3]


def test_a_bind_cannot_be_abandoned():
    opened = session()
    bind, _ = opened.begin_bind(LdapMessage(1, UNBIND), 0.0)
    assert opened.abandon(1) is None
    assert opened.finish(bind)


def test_an_abandoned_update_still_keeps_later_requests_waiting_until_it_ends():
    opened = session()
    update = begin(opened, 1)
    opened.abandon(1)
    assert opened.admit(2, Manner.READ) is Admission.WAIT
    opened.finish(update)
    assert opened.admit(2, Manner.READ) is Admission.START


def test_abandoning_what_waits_takes_it_out():
    opened = session()
    begin(opened, 1)
    wait(opened, 2)
    assert opened.abandon(2).message.message_id == 2
    assert not opened.waiting


@pytest.mark.parametrize("target", [0, 1, 99])
def test_abandoning_what_is_not_there_does_nothing(target):
    assert session().abandon(target) is None


def test_too_many_requests_are_busy_but_unbind_and_abandon_still_pass():
    opened = session(at_most=2)
    begin(opened, 1, Manner.READ)
    begin(opened, 2, Manner.READ)
    assert opened.admit(3, Manner.READ) is Admission.BUSY
    assert opened.admit(3, Manner.IMMEDIATE) is Admission.START
    assert opened.admit(3, Manner.BIND) is Admission.START


def test_the_end_abandons_everything():
    opened = session()
    running = begin(opened, 1)
    wait(opened, 2)
    assert [each.message.message_id for each in opened.end()] == [1, 2]
    assert not opened.finish(running)
    assert opened.is_idle


@pytest.mark.parametrize(("caller", "expected"), [(MAIL_SERVICE, True), (PERSON, False)])
def test_services_are_known_as_such(caller, expected):
    opened = session()
    opened.identify(FakeDirectory().as_caller(caller))
    assert opened.is_service is expected


def test_an_identity_taken_later_is_worked_out_once_and_ends_with_the_next_bind():
    opened, made = session(), []

    def handle_of():
        made.append(FakeDirectory().as_caller(PERSON))
        return made[-1]

    opened.identify_later(handle_of)
    assert made == []
    assert opened.handle is opened.handle
    assert made == [opened.handle]
    opened.begin_bind(LdapMessage(2, UNBIND), 0.0)
    assert opened.handle is ANONYMOUS
