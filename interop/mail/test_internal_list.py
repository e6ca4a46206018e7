"""internal@ with ten thousand members through Postfix, handed in by a webmail, and through Exim."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from interop.mail.exim import Exim
from interop.mail.folders import open_folder
from interop.mail.letters import letter
from interop.mail.lmtp import Sink, running_sink
from interop.mail.postfix import Postfix
from interop.mail.town import INTERNAL, OPERATOR, SONV, Town, running_town
from interop.server import govdir

PEOPLE: Final = 10_000
DELIVERED_SECONDS: Final = 60.0
REVOKED_LATER: Final = 4711
_PERSON: Final = """\
dn: uid=u{number},{body}
objectClass: inetOrgPerson
objectClass: gdPerson
objectClass: gdMailbox
cn: Nguyễn Văn {number}
sn: Nguyễn
mail: u{number}@cantho.gov.vn
"""


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town with ten thousand people more."""
    folder = tmp_path_factory.mktemp("city")
    people = folder / "people.ldif"
    people.write_text("\n".join(_PERSON.format(number=one, body=SONV) for one in range(PEOPLE)), "utf-8")
    with running_town(folder, {"trusted_relays": '["127.0.0.1/32"]'}) as town:
        govdir("import", str(town.server.home), str(people), "--keep-addresses")
        yield town


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with open_folder("postfix") as folder:
        yield folder


@pytest.fixture(scope="module")
def postfix(city: Town, folder: Path) -> Iterator[Postfix]:
    """In front of a sink; believes those whom a webmail has signed in."""
    made = Postfix(folder, city.files(folder / "files", "postfix", "postfix"), 0, 0)
    made.set(virtual_transport="lmtp:unix:private/sink", mynetworks="127.0.0.1/32")
    made.start()
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture(scope="module")
def sink(folder: Path, postfix: Postfix) -> Iterator[Sink]:
    assert postfix.smtp_port
    with running_sink(folder / "queue/private/sink") as sink:
        yield sink


def test_a_letter_to_everybody_reaches_each_once(city: Town, postfix: Postfix, sink: Sink) -> None:
    operator = city.address_of(OPERATOR)
    message = letter(operator, INTERNAL)
    with postfix.outside() as session:
        assert session.send_message(message, operator, [INTERNAL]) == {}
    sink.wait_for(str(message["Subject"]), PEOPLE, seconds=DELIVERED_SECONDS)
    postfix.wait_until_empty(10)
    reached = Counter(sink.of(str(message["Subject"])))
    assert {f"u{number}@cantho.gov.vn" for number in range(PEOPLE)} <= reached.keys()
    assert set(reached.values()) == {1}


def test_only_who_runs_the_system_may(city: Town, postfix: Postfix) -> None:
    member = city.address_of("tqan")
    with postfix.outside() as session:
        session.mail(member)
        assert session.rcpt(INTERNAL)[0] == 550


def test_who_is_revoked_among_ten_thousand_is_gone_from_the_next_letter(city: Town, postfix: Postfix) -> None:
    before = set(str(postfix.ask("lists", INTERNAL)).split(","))
    city.change(f"uid=u{REVOKED_LATER},{SONV}", gdState="revoked")
    after = set(str(postfix.ask("lists", INTERNAL)).split(","))
    assert before - after == {f"u{REVOKED_LATER}@cantho.gov.vn"}
    assert after <= before


def test_exim_reaches_each_once_too(city: Town) -> None:
    with open_folder("exim") as folder, running_sink(folder / "lmtp") as sink:
        exim = Exim(folder, city.files(folder / "files", "exim", "exim"), folder / "lmtp")
        exim.start()
        try:
            with exim.signed_in(city.address_of(OPERATOR), city.password_of(OPERATOR)) as session:
                message = letter(city.address_of(OPERATOR), INTERNAL)
                assert session.send_message(message, city.address_of(OPERATOR), [INTERNAL]) == {}
            subject = str(message["Subject"])
            sink.wait_for(subject, PEOPLE, seconds=DELIVERED_SECONDS)
            exim.wait_until_empty(10)
        finally:
            exim.stop()
        reached = Counter(sink.of(subject))
        others = {f"u{number}@cantho.gov.vn" for number in range(PEOPLE) if number != REVOKED_LATER}
        assert others <= reached.keys()
        assert set(reached.values()) == {1}
