"""Second factors: codes of an authenticator and recovery codes, kept so that the database alone is no use."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from pyotp import TOTP, parse_uri

from govdir.directory.caller import ANONYMOUS
from govdir.directory.entry import Attributes
from govdir.directory.vocabulary import Vocabulary
from govdir.schema.registry import load_schema
from govdir.sso.accounts import Account
from govdir.sso.second_factor import BadSeal, Sealing, SecondFactors, derived_key
from tests.sso.memory_ports import MemoryFactors, SettableClock, run

SECRET = bytes(range(32))
AN = Account(
    record_id=1,
    entry_uuid="5f7d3c1e-0000-4000-8000-000000000001",
    dn="uid=an,dc=vn",
    address="an@cantho.gov.vn",
    name="Lê An",
    attributes=Attributes(Vocabulary(load_schema())),
    state="active",
    roles=frozenset(),
    proof=b"",
    caller=ANONYMOUS,
)
BINH = replace(AN, entry_uuid="5f7d3c1e-0000-4000-8000-000000000002")


class Kit:
    """Second factors in memory, and an authenticator."""

    def __init__(self) -> None:
        self.stored = MemoryFactors()
        self.clock = SettableClock()
        self.factors = SecondFactors(self.stored, SECRET, self.clock, "Thành phố Cần Thơ")
        self.text = ""

    def enrol(self, account: Account = AN) -> tuple[str, ...]:
        sealed = self.factors.new_secret(account)
        self.text = self.factors.shown(sealed, account).text
        codes = run(self.factors.enrol(account, sealed, self.code()))
        assert codes is not None
        return codes

    def code(self, steps: int = 0) -> str:
        return TOTP(self.text).at(self.clock.now() + timedelta(seconds=30 * steps))

    def is_code(self, code: str, account: Account = AN) -> bool:
        return run(self.factors.is_code(account.entry_uuid, code))

    def is_recovery(self, code: str, account: Account = AN) -> bool:
        return run(self.factors.is_recovery_code(account.entry_uuid, code))

    def left(self) -> int:
        status = run(self.factors.status(AN.entry_uuid))
        assert status is not None
        return status.recovery_left


@pytest.fixture
def kit() -> Kit:
    return Kit()


def test_the_uri_is_what_authenticators_take(kit: Kit) -> None:
    shown = kit.factors.shown(kit.factors.new_secret(AN), AN)
    assert unquote(urlsplit(shown.uri).path) == "/Thành phố Cần Thơ:an@cantho.gov.vn"
    query = parse_qs(urlsplit(shown.uri).query)
    assert query == {"secret": [shown.text], "issuer": ["Thành phố Cần Thơ"]}
    assert len(shown.text) == 32  # 160 bits
    assert parse_uri(shown.uri).at(kit.clock.now()) == TOTP(shown.text).at(kit.clock.now())


def test_the_codes_are_those_of_rfc_6238(kit: Kit) -> None:
    """Appendix B, the last six digits of its eight: the secret "12345678901234567890" at 59 s."""
    sealed = kit.factors._sealing.seal(b"12345678901234567890", AN.entry_uuid, "secret")
    kit.clock.moment = kit.clock.moment.fromtimestamp(59, kit.clock.moment.tzinfo)
    assert run(kit.factors.enrol(AN, sealed, "287083")) is None
    assert run(kit.factors.enrol(AN, sealed, "287082")) is not None


def test_nothing_is_a_factor_before_its_first_code(kit: Kit) -> None:
    sealed = kit.factors.new_secret(AN)
    assert run(kit.factors.enrol(AN, sealed, "000000")) is None
    assert run(kit.factors.status(AN.entry_uuid)) is None
    assert not kit.is_code("000000")


def test_the_first_code_is_used_up_by_enrolling(kit: Kit) -> None:
    kit.enrol()
    assert not kit.is_code(kit.code())
    assert kit.is_code(kit.code(1))


@pytest.mark.parametrize(
    ("steps", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False), (40, False)]
)
def test_a_code_of_the_step_before_or_after_is_good_too(kit: Kit, steps: int, good: bool) -> None:
    kit.enrol()
    kit.clock.pass_time(minutes=5)
    assert kit.is_code(kit.code(steps)) is good


def test_no_code_is_good_twice_nor_one_before_it(kit: Kit) -> None:
    kit.enrol()
    kit.clock.pass_time(minutes=5)
    assert kit.is_code(kit.code(1))
    for steps in (1, 0, -1):
        assert not kit.is_code(kit.code(steps))
    kit.clock.pass_time(minutes=1)
    assert kit.is_code(kit.code())


@pytest.mark.parametrize(
    "odd", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "½½½½½½", "9" * 100_000, "\ud800"]
)
def test_what_is_no_code_is_no_code(kit: Kit, odd: str) -> None:
    kit.enrol()
    assert not kit.is_code(odd)
    assert not kit.is_recovery(odd)


def test_a_factor_is_its_owners_only(kit: Kit) -> None:
    codes = kit.enrol()
    kit.clock.pass_time(minutes=5)
    assert not kit.is_code(kit.code(), BINH)
    assert not kit.is_recovery(codes[0], BINH)
    kit.enrol(BINH)
    assert not kit.is_recovery(codes[0], BINH)


def test_a_stored_secret_moved_to_another_account_opens_nothing(kit: Kit) -> None:
    kit.enrol()
    kit.clock.pass_time(minutes=5)
    kit.stored.held[BINH.entry_uuid] = replace(kit.stored.held[AN.entry_uuid], entry_uuid=BINH.entry_uuid)
    assert not kit.is_code(kit.code(), BINH)
    assert kit.is_code(kit.code())


def test_what_is_stored_holds_neither_secret_nor_codes(kit: Kit) -> None:
    codes = kit.enrol()
    stored = kit.stored.held[AN.entry_uuid]
    assert TOTP(kit.text).byte_secret() not in stored.secret
    joined = b"".join(stored.recovery)
    assert len(stored.recovery) == 10
    assert all(code.encode() not in joined and code.replace("-", "").encode() not in joined for code in codes)


def test_ten_recovery_codes_of_eighty_bits_in_groups_of_four(kit: Kit) -> None:
    codes = kit.enrol()
    assert len(set(codes)) == 10
    for code in codes:
        assert [len(group) for group in code.split("-")] == [4, 4, 4, 4]
        assert set(code) <= set("0123456789abcdefghjkmnpqrstvwxyz-")


def test_a_recovery_code_is_good_once(kit: Kit) -> None:
    codes = kit.enrol()
    assert kit.is_recovery(codes[0])
    assert not kit.is_recovery(codes[0])
    assert kit.left() == 9


@pytest.mark.parametrize("typed", ["0O1I-L0OO-0000-1111", " 0011 1000 0000 1111 ", "00111000–00001111"])
def test_a_recovery_code_is_read_as_people_write_it(kit: Kit, typed: str) -> None:
    kit.enrol()
    factor = kit.stored.held[AN.entry_uuid]
    digest = kit.factors._digest(AN.entry_uuid, "0011-1000-0000-1111")
    kit.stored.held[AN.entry_uuid] = replace(factor, recovery=(digest,))
    assert kit.is_recovery(typed)


def test_renewed_recovery_codes_replace_those_that_were_left(kit: Kit) -> None:
    old = kit.enrol()
    kit.is_recovery(old[0])
    fresh = run(kit.factors.renew_recovery(AN.entry_uuid))
    assert fresh is not None
    assert (len(fresh), kit.left()) == (10, 10)
    assert not kit.is_recovery(old[1])
    assert kit.is_recovery(fresh[1])
    assert not kit.is_code(kit.code())  # the steps used up stay so
    assert kit.is_code(kit.code(1))


def test_a_code_used_while_recovery_codes_are_renewed_stays_used(kit: Kit) -> None:
    kit.enrol()
    code = kit.code(1)
    digest, used = kit.factors._digest, []

    def used_meanwhile(entry_uuid: str, plain: str) -> bytes:
        used.append(kit.is_code(code))
        return digest(entry_uuid, plain)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kit.factors, "_digest", used_meanwhile)
        run(kit.factors.renew_recovery(AN.entry_uuid))
    assert used[0]
    assert not kit.is_code(code)


def test_there_is_nothing_to_renew_without_a_factor(kit: Kit) -> None:
    assert run(kit.factors.renew_recovery(AN.entry_uuid)) is None


def test_a_removed_factor_opens_nothing(kit: Kit) -> None:
    codes = kit.enrol()
    assert run(kit.factors.remove(AN.entry_uuid))
    assert not run(kit.factors.remove(AN.entry_uuid))
    assert not kit.is_code(kit.code(1))
    assert not kit.is_recovery(codes[0])


def test_a_ticket_is_its_owners_for_ten_minutes(kit: Kit) -> None:
    sealed = kit.factors.new_secret(AN)
    ticket = kit.factors.ticket(AN, sealed)
    kit.clock.pass_time(minutes=10, seconds=-1)
    assert kit.factors.from_ticket(AN, ticket) == sealed
    with pytest.raises(BadSeal):
        kit.factors.from_ticket(BINH, ticket)
    kit.clock.pass_time(seconds=1)
    with pytest.raises(BadSeal):
        kit.factors.from_ticket(AN, ticket)


@given(st.text(max_size=300))
def test_no_text_is_a_ticket(text: str) -> None:
    with pytest.raises(BadSeal):
        Kit().factors.from_ticket(AN, text)


@given(st.binary(max_size=200), st.integers(0, 227))
def test_what_was_sealed_opens_unless_a_bit_is_another(plain: bytes, place: int) -> None:
    sealing = Sealing(SECRET)
    sealed = sealing.seal(plain, "an", "use")
    assert sealing.open(sealed, "an", "use") == plain
    broken = bytearray(sealed)
    broken[place % len(sealed)] ^= 1
    for octets, uuid, use in ((bytes(broken), "an", "use"), (sealed, "binh", "use"), (sealed, "an", "other")):
        with pytest.raises(BadSeal):
            sealing.open(octets, uuid, use)


def test_another_secret_opens_nothing() -> None:
    sealed = Sealing(SECRET).seal(b"plain", "an", "use")
    with pytest.raises(BadSeal):
        Sealing(bytes(32)).open(sealed, "an", "use")
    with pytest.raises(BadSeal):
        Sealing(SECRET).open(b"", "an", "use")


def test_keys_of_different_uses_differ() -> None:
    assert len({derived_key(SECRET, b"one"), derived_key(SECRET, b"two"), SECRET}) == 3
