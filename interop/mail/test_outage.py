"""govdir is restarted, killed, gone for half a minute, while mail goes on coming: all waits, all arrives."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

import pytest

from interop.mail.dovecot import Dovecot
from interop.mail.flow import Flow, flowing
from interop.mail.letters import delivered, letter
from interop.mail.postfix import Postfix
from interop.mail.town import BOX, DOMAIN, STAFF_LIST, Town

GONE_SECONDS: Final = 30.0
BACK_SECONDS: Final = 60.0
PROMPT_SECONDS: Final = 3.0
"""A stop takes no longer, though Postfix and Dovecot keep connections open that they do not look at."""
_POLL_SECONDS: Final = 0.1
SOMEBODY: Final = "khach@example.org"
SOMEBODY_ELSE: Final = "khach2@example.org"
STAFF: Final = ("nvminh", "ltbdao", "tqan")


@pytest.fixture
def room(town: Town) -> Iterator[None]:
    """Room for everybody on the list: other tests fill the small mailbox."""
    with town.changed(town.dn_of("dvty"), mailQuota=str(1 << 30)):
        yield


@pytest.mark.usefixtures("room")
def test_mail_waits_while_the_directory_is_away_and_all_of_it_arrives_once(
    town: Town, postfix: Postfix, dovecot: Dovecot
) -> None:
    begin = len(postfix.log)

    def from_outside(sent: Callable[[str], None]) -> None:
        message = letter(SOMEBODY, f"an.tran@{DOMAIN}")
        sent(str(message["Subject"]))
        with postfix.outside() as session:
            session.send_message(message, SOMEBODY, [f"an.tran@{DOMAIN}"])

    def from_the_agency(sent: Callable[[str], None]) -> None:
        message = letter(BOX, STAFF_LIST)
        sent(str(message["Subject"]))
        with postfix.login(town.address_of("nvminh"), town.password_of("nvminh")) as session:
            session.send_message(message, BOX, [STAFF_LIST])

    outside, agency = Flow(from_outside), Flow(from_the_agency)
    with flowing(outside, agency):
        time.sleep(1)
        stopping = time.monotonic()
        assert town.server.stop() == 0
        stopped_after = time.monotonic() - stopping
        town.server.start()
        time.sleep(1)
        town.server.kill()
        town.server.start()
        assert dovecot.lets_in(town.address_of("tqan"), town.password_of("tqan"))
        held = _leave_in_the_queue(town, postfix)
        town.server.kill()
        postfix.set(defer_transports="")
        postfix.reload()
        postfix.flush()
        time.sleep(GONE_SECONDS)
        waiting = postfix.queued()
        town.server.start()
        back = time.monotonic()
        count = (len(outside.taken), len(agency.taken))
        while len(outside.taken) < count[0] + 5 or len(agency.taken) < count[1] + 5:
            assert time.monotonic() < back + BACK_SECONDS, (outside, agency, postfix.log[-3000:])
            time.sleep(_POLL_SECONDS)
    postfix.wait_until_empty(BACK_SECONDS)

    assert stopped_after < PROMPT_SECONDS
    assert outside.for_good == agency.for_good == []
    assert outside.temporary.keys() <= {451}
    assert agency.temporary.keys() <= {421, 451, 454}
    assert sum(outside.temporary.values()) > 10
    assert sum(agency.temporary.values()) > 10
    assert set(held) <= set(waiting)
    assert "status=bounced" not in postfix.log[begin:]
    wanted = {"tqan": [*outside.taken, *agency.taken], "nvminh": agency.taken, "ltbdao": agency.taken}
    for uid, subjects in wanted.items():
        had = Counter(delivered(dovecot, town.address_of(uid)))
        assert {subject: had[subject] for subject in subjects} == dict.fromkeys(subjects, 1)
        refused = {*outside.refused, *agency.refused}
        assert not refused.intersection(had), "who was told to try again would send it twice"


def _leave_in_the_queue(town: Town, postfix: Postfix) -> list[str]:
    """Letters that Postfix has taken in and not yet handed on; their queue ids."""
    postfix.set(defer_transports="lmtp")
    postfix.reload()
    with postfix.outside() as session:
        for uid in STAFF:
            session.send_message(letter(SOMEBODY, "x"), SOMEBODY_ELSE, [town.address_of(uid)])
    held = postfix.queued(SOMEBODY_ELSE)
    assert len(held) == len(STAFF)
    return held
