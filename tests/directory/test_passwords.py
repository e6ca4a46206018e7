"""Stored passwords and imported hashes."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from contextlib import suppress
from unicodedata import normalize

import pytest
from argon2 import PasswordHasher, Type
from hypothesis import given
from hypothesis import strategies as st
from passlib import hash as passlib_hash

from govdir.directory import password_schemes, passwords
from govdir.directory.errors import ConstraintViolation
from govdir.directory.password_schemes import UnusableHash, read_hash

WORD = b"MatKhau$7894"
QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
needs_libcrypt = pytest.mark.skipif(password_schemes._libcrypt() is None, reason="no libcrypt here")


@pytest.fixture(autouse=True)
def real_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    """What hashes cost in service, not in other tests."""
    monkeypatch.setattr(passwords, "MEMORY_KIB", 19_456)
    monkeypatch.setattr(passwords, "TIME_COST", 2)


def digest(scheme: str, algorithm: str, salt: bytes = b"") -> bytes:
    return f"{{{scheme}}}".encode() + b64encode(hashlib.new(algorithm, WORD + salt).digest() + salt)


def packed_pbkdf2(rounds: int) -> bytes:
    salt = bytes(range(64))
    found = hashlib.pbkdf2_hmac("sha256", WORD, salt, rounds, 256)
    return b"{PBKDF2_SHA256}" + b64encode(rounds.to_bytes(4, "big") + salt + found)


def django_pbkdf2() -> bytes:
    found = hashlib.pbkdf2_hmac("sha256", WORD, b"saltText", 1000)
    return b"{PBKDF2-SHA256}pbkdf2_sha256$1000$saltText$" + b64encode(found)


STORED = {
    "MD5": digest("MD5", "md5"),
    "SMD5": digest("SMD5", "md5", b"salt"),
    "SHA": digest("SHA", "sha1"),
    "SSHA": digest("SSHA", "sha1", b"saltsalt"),
    "ssha in lower case": digest("ssha", "sha1", b"saltsalt"),
    "SHA256": digest("SHA256", "sha256"),
    "SSHA256": digest("SSHA256", "sha256", b"salt"),
    "SSHA384": digest("SSHA384", "sha384", b"salt"),
    "SHA512": digest("SHA512", "sha512"),
    "SSHA512": digest("SSHA512", "sha512", b"x" * 64),
    "passlib SSHA": passlib_hash.ldap_salted_sha1.hash(WORD).encode(),
    "PBKDF2": passlib_hash.ldap_pbkdf2_sha1.using(rounds=100).hash(WORD).encode(),
    "PBKDF2-SHA1": b"{PBKDF2-SHA1}" + passlib_hash.ldap_pbkdf2_sha1.using(rounds=100).hash(WORD)[8:].encode(),
    "PBKDF2-SHA256": passlib_hash.ldap_pbkdf2_sha256.using(rounds=100).hash(WORD).encode(),
    "PBKDF2-SHA512": passlib_hash.ldap_pbkdf2_sha512.using(rounds=100).hash(WORD).encode(),
    "PBKDF2 of passlib": b"{PBKDF2}" + passlib_hash.pbkdf2_sha256.using(rounds=100).hash(WORD).encode(),
    "PBKDF2 of passlib, SHA-1": b"{PBKDF2}" + passlib_hash.pbkdf2_sha1.using(rounds=100).hash(WORD).encode(),
    "PBKDF2 of Django": django_pbkdf2(),
    "PBKDF2_SHA256 of 389": packed_pbkdf2(100),
    "BCRYPT": b"{BCRYPT}" + passlib_hash.bcrypt.using(rounds=4).hash(WORD).encode(),
    "BLF-CRYPT": b"{BLF-CRYPT}" + passlib_hash.bcrypt.using(rounds=4, ident="2y").hash(WORD).encode(),
    "CRYPT $2": b"{CRYPT}" + passlib_hash.bcrypt.using(rounds=4, ident="2a").hash(WORD).encode(),
    "CRYPT $1": b"{CRYPT}" + passlib_hash.md5_crypt.hash(WORD).encode(),
    "CRYPT $5": b"{CRYPT}" + passlib_hash.sha256_crypt.using(rounds=1000).hash(WORD).encode(),
    "CRYPT $6": b"{CRYPT}" + passlib_hash.sha512_crypt.using(rounds=5000).hash(WORD).encode(),
    "CRYPT DES": b"{CRYPT}" + passlib_hash.des_crypt.hash(WORD).encode(),
    "ARGON2": b"{ARGON2}" + QUICK.hash(WORD).encode(),
    "ARGON2 i": b"{ARGON2}" + PasswordHasher(1, 64, 1, type=Type.I).hash(WORD).encode(),
}


@pytest.mark.parametrize("stored", STORED.values(), ids=STORED)
def test_imported_hashes_match_their_password_and_ask_for_an_upgrade(stored: bytes) -> None:
    passwords.check_importable(stored)

    assert passwords.verify(stored, WORD) == passwords.Verdict(matches=True, upgrade=True)


@pytest.mark.parametrize("stored", STORED.values(), ids=STORED)
def test_imported_hashes_match_nothing_else(stored: bytes) -> None:
    matches = read_hash(stored)

    # DES crypt reads eight characters, so the difference stands among them.
    assert not any(matches(other) for other in (b"matKhau$7894", WORD[:7], b"", stored))
    assert not passwords.is_same(stored, WORD + b"\0")


@pytest.mark.parametrize(
    "stored",
    [
        b"{PBKDF2}10000$IlfapjA351LuDSwYC0IQ8Q$saHqQTuYnjJN/tmAndT.8mJt.6w",
        b"{PBKDF2-SHA256}10000$henZGfPWw79Cs8ORDeVNrQ$1dTJy73v6n3bnTmTZFghxHXHLsAzKaAy8SksDfZBPIw",
        b"{PBKDF2-SHA512}10000$Je1Uw19Bfv5lArzZ6V3EPw$"
        b"g4T/1sqBUYWl9o93MVnyQ/8zKGSkPbKaXXsT8WmysXQJhWy8MRP2JFudSL.N9RklQYgDPxPjnfum/F2f/TrppA",
    ],
    ids=["sha1", "sha256", "sha512"],
)
def test_hashes_made_by_another_implementation_match(stored: bytes) -> None:
    assert read_hash(stored)(b"password")


@needs_libcrypt
def test_yescrypt_matches_where_the_system_knows_it() -> None:
    matches = read_hash(b"{CRYPT}$y$j9T$abcdefgh$7i/136rkrCoteXCYVMmke8IbBDFEZdMzaNTpkj.7sJ2")

    assert matches(b"a")
    assert not matches(b"b")


@pytest.mark.parametrize("name", ["CRYPT $1", "CRYPT $5", "CRYPT $6", "CRYPT DES"])
def test_crypt_hashes_match_without_libcrypt_too(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(password_schemes, "_libcrypt", lambda: None)
    matches = read_hash(STORED[name])

    assert matches(WORD)
    assert not matches(b"matKhau$7894")


def test_yescrypt_is_refused_without_libcrypt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(password_schemes, "_libcrypt", lambda: None)
    with pytest.raises(passwords.NotImportable, match="needs libcrypt"):
        passwords.check_importable(b"{CRYPT}$y$j9T$abcdefgh$7i/136rkrCoteXCYVMmke8IbBDFEZdMzaNTpkj.7sJ2")


def test_a_new_hash_is_argon2id_of_present_cost_and_needs_no_upgrade() -> None:
    stored = passwords.hash_password(WORD)

    assert stored.startswith(b"{ARGON2}$argon2id$v=19$m=19456,t=2,p=1$")
    assert stored != passwords.hash_password(WORD)
    assert passwords.verify(stored, WORD) == passwords.Verdict(matches=True, upgrade=False)
    assert passwords.verify(stored, b"matKhau$7894") == passwords.Verdict(matches=False, upgrade=False)


def test_a_password_typed_in_another_composition_is_the_same() -> None:
    composed, decomposed = (normalize(form, "Mật khẩu dài").encode() for form in ("NFC", "NFD"))

    assert passwords.verify(passwords.hash_password(decomposed), composed).matches
    assert passwords.verify(passwords.hash_password(composed), decomposed).matches


def test_an_imported_hash_of_a_decomposed_password_matches_as_it_was_typed() -> None:
    typed = normalize("NFD", "Mật khẩu").encode()
    stored = b"{SHA}" + b64encode(hashlib.sha1(typed).digest())

    assert passwords.verify(stored, typed).matches


def test_octets_that_are_no_text_can_be_a_password() -> None:
    assert passwords.verify(passwords.hash_password(b"\xff\xfe"), b"\xff\xfe").matches


def test_a_stored_hash_presented_as_the_password_never_matches() -> None:
    for stored in (*STORED.values(), passwords.hash_password(WORD)):
        for candidate in (stored, stored.partition(b"}")[2]):
            with suppress(UnusableHash):
                assert not read_hash(stored)(candidate)


@pytest.mark.parametrize(
    "stored",
    [
        WORD,
        b"",
        b"{}" + WORD,
        b"{CLEARTEXT}" + WORD,
        b"{PLAIN}" + WORD,
        b"{SASL}" + WORD,
        b"{NOSUCH}" + WORD,
        b"{SHA",
        STORED["SSHA"][6:],
        b"$argon2id$" + WORD,
    ],
)
def test_what_has_no_known_scheme_never_matches_and_is_not_importable(stored: bytes) -> None:
    assert not passwords.verify(stored, WORD).matches
    assert not passwords.verify(stored, stored).matches
    with pytest.raises(passwords.NotImportable):
        passwords.check_importable(stored)


ARGON2_TAIL = b"$c2FsdHNhbHQ$" + b"A" * 43


@pytest.mark.parametrize(
    "stored",
    [
        # empty or short digests, which much would match
        b"{SHA}",
        b"{SSHA}",
        b"{SSHA}" + b64encode(b"short"),
        b"{SSHA}" + b64encode(hashlib.sha1(WORD).digest()),
        b"{SHA}" + b64encode(hashlib.sha1(WORD).digest() + b"salt"),
        b"{SSHA}" + b64encode(bytes(20 + 257)),
        b"{SHA}not base64!",
        b"{SHA}" + b64encode(hashlib.sha1(WORD).digest()) + b"\n",
        b"{PBKDF2}100$c2FsdA$",
        b"{PBKDF2}100$c2FsdA$AAAA",
        b"{PBKDF2}100$$" + b"A" * 43,
        b"{PBKDF2}c2FsdA$" + b"A" * 43,
        b"{PBKDF2}100$A$" + b"A" * 43,
        b"{PBKDF2_SHA256}" + b64encode(bytes(100)),
        packed_pbkdf2(1)[:15] + b64encode(bytes(324)),
        b"{CRYPT}",
        b"{CRYPT}*",
        b"{CRYPT}!",
        b"{CRYPT}x",
        b"{CRYPT}$6$salt$short",
        b"{CRYPT}$3$$" + b"a" * 32,
        b"{BCRYPT}$2b$04$short",
        b"{BCRYPT}" + WORD,
        b"{ARGON2}$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$",
        b"{ARGON2}$argon2id$v=19$m=64,t=1,p=1$$" + b"A" * 43,
        # absurd costs, which would stop the server
        b"{PBKDF2}0$c2FsdA$" + b"A" * 43,
        b"{PBKDF2}999999999$c2FsdA$" + b"A" * 43,
        b"{PBKDF2}9999999999$c2FsdA$" + b"A" * 43,
        b"{PBKDF2-SHA256}pbkdf2_sha256$999999999$salt$" + b64encode(bytes(32)),
        packed_pbkdf2(1)[:15] + b64encode(b"\xff" * 324),
        b"{CRYPT}$6$rounds=999999999$salt$" + b"a" * 86,
        b"{CRYPT}$6$rounds=0999$salt$" + b"a" * 86,
        b"{CRYPT}$y$jFT$salt$" + b"a" * 43,
        b"{BCRYPT}$2b$31$" + b"a" * 53,
        b"{BCRYPT}$2b$03$" + b"a" * 53,
        b"{CRYPT}$2b$15$" + b"a" * 53,
        b"{ARGON2}$argon2id$v=19$m=131073,t=1,p=1" + ARGON2_TAIL,
        b"{ARGON2}$argon2id$v=19$m=64,t=11,p=1" + ARGON2_TAIL,
        b"{ARGON2}$argon2id$v=19$m=999999999,t=1,p=1" + ARGON2_TAIL,
        b"{ARGON2}$argon2id$v=19$m=64,t=1,p=17" + ARGON2_TAIL,
    ],
)
def test_malformed_and_absurdly_costly_hashes_are_refused_before_they_are_computed(stored: bytes) -> None:
    with pytest.raises(passwords.NotImportable) as refusal:
        passwords.check_importable(stored)
    payload = stored.partition(b"}")[2].decode()

    assert refusal.value.scheme == stored[1:].partition(b"}")[0].decode()
    assert not payload.strip("!*x") or payload not in str(refusal.value)


@given(st.sampled_from(sorted(password_schemes._SCHEMES)), st.binary(max_size=80))
def test_any_payload_is_read_or_refused(scheme: str, payload: bytes) -> None:
    with suppress(UnusableHash):
        assert callable(read_hash(b"{%s}%s" % (scheme.encode(), payload)))


CRYPT_ALPHABET = st.sampled_from("./09AZaz")


@given(
    st.text(CRYPT_ALPHABET, min_size=53, max_size=53).map(lambda tail: f"{{BCRYPT}}$2b$04${tail}")
    | st.text(CRYPT_ALPHABET, min_size=13, max_size=13).map(lambda text: f"{{CRYPT}}{text}")
    | st.text(CRYPT_ALPHABET, min_size=22, max_size=22).map(lambda tail: f"{{CRYPT}}$1$salt${tail}"),
    st.booleans(),
)
def test_well_formed_hashes_of_nothing_match_nothing(stored: str, with_libcrypt: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        if not with_libcrypt:
            patch.setattr(password_schemes, "_libcrypt", lambda: None)
        assert not passwords.is_same(stored.encode(), WORD)


@pytest.mark.parametrize(
    "candidate", [b"", b"x" * (passwords.MAX_CANDIDATE_OCTETS + 1), b"a\0b", WORD + b"\0"]
)
def test_impossible_candidates_never_match_and_are_never_stored(candidate: bytes) -> None:
    assert not passwords.verify(digest("SHA", "sha1"), candidate).matches
    passwords.verify_nothing(candidate)
    with pytest.raises(ConstraintViolation):
        passwords.hash_password(candidate)


def test_the_longest_candidate_can_be_stored() -> None:
    candidate = b"x" * passwords.MAX_CANDIDATE_OCTETS

    assert passwords.verify(passwords.hash_password(candidate), candidate).matches


@pytest.mark.parametrize(
    "stored",
    [STORED["SSHA"], STORED["CRYPT $1"], STORED["ARGON2"], b"{NOSUCH}x", b"{SSHA}x", WORD],
    ids=["SSHA", "CRYPT $1", "ARGON2", "unknown scheme", "no digest", "no scheme"],
)
def test_a_failure_always_costs_a_check_of_present_cost(
    stored: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    checks: list[bytes] = []
    monkeypatch.setattr(passwords, "verify_nothing", checks.append)

    assert not passwords.verify(stored, b"wrong").matches
    assert checks == [b"wrong"]


def test_a_failure_against_a_present_hash_costs_one_check(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = passwords.hash_password(WORD)
    checks: list[bytes] = []
    monkeypatch.setattr(passwords, "verify_nothing", checks.append)

    assert not passwords.verify(stored, b"wrong").matches
    assert checks == []


def test_nobody_s_hash_has_the_present_cost() -> None:
    calls: list[bytes] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_NOBODY", calls.append)
        passwords.verify_nothing("mật".encode())

    assert calls == ["mật".encode()]
    assert not passwords._NOBODY(WORD)


@pytest.mark.parametrize(
    "value",
    [
        *STORED.values(),
        b"{CLEARTEXT}x",
        b"{ns-mta-md5}x",
        b"{SSHA}",
        b"$6$salt$" + b"a" * 86,
        b"$2b$12$" + b"a" * 53,
        b"$argon2id$v=19$m=64,t=1,p=1" + ARGON2_TAIL,
        b"$pbkdf2-sha256$29000$abc$" + b"a" * 43,
    ],
    ids=[*STORED, "cleartext", "MTA", "no digest", "$6$", "$2b$", "$argon2id$", "$pbkdf2-sha256$"],
)
def test_hashes_of_any_server_are_recognised(value: bytes) -> None:
    assert passwords.is_hashed(value)


@pytest.mark.parametrize(
    "value", [WORD, b"", b"{", b"{Mat}Khau$7894", b"{}", b"{SHA", b"$1$", b"$6$x", "{Mật}khẩu1".encode()]
)
def test_passwords_with_braces_and_dollars_are_not_taken_for_hashes(value: bytes) -> None:
    assert not passwords.is_hashed(value)


@pytest.mark.parametrize(("scheme", "stored"), STORED.items(), ids=STORED)
def test_only_a_right_password_of_a_quick_scheme_is_told_at_once(scheme: str, stored: bytes) -> None:
    quick = {"MD5", "SMD5", "SHA", "SSHA", "SHA256", "SSHA256", "SSHA384", "SHA512", "SSHA512"}
    expected = scheme in quick or scheme in ("ssha in lower case", "passlib SSHA")
    found = passwords.verify_at_once(stored, WORD)
    assert (found is not None and found.matches and found.upgrade) is expected
    assert passwords.verify_at_once(stored, WORD + b"x") is None
