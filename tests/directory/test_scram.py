"""SCRAM-SHA-256: the example of RFC 7677, its keys and their keeping, and every way to spoil an exchange."""

from __future__ import annotations

from base64 import b64decode, b64encode
from hashlib import pbkdf2_hmac, sha256
from hmac import digest as hmac_digest
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.directory.errors import ProtocolError
from govdir.directory.scram import ScramExchange, read_client_first
from govdir.directory.scram_keys import ITERATIONS, ScramVault, derive_keys

SALT = b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")
KEYS = derive_keys(b"pencil", SALT, 4096)
FIRST = b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO"
SERVER_NONCE = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
SERVER_FIRST = b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
LAST = (
    b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
    b"p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
)
SERVER_LAST = b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="


def exchange(first: bytes = FIRST) -> ScramExchange:
    return ScramExchange(read_client_first(first), KEYS, SERVER_NONCE)


def last_message(under_way: ScramExchange, password: bytes, first: bytes = FIRST) -> bytes:
    """What a client that knows `password` says at last, computed as RFC 5802 §3 writes it."""
    header, _, bare = first.partition(b"n=")
    bare = b"n=" + bare
    server_first = under_way.server_first
    nonce, salt, rounds = (part.partition(b"=")[2] for part in server_first.split(b","))
    salted = pbkdf2_hmac("sha256", password, b64decode(salt), int(rounds))
    client_key = hmac_digest(salted, b"Client Key", "sha256")
    without_proof = b"c=" + b64encode(header) + b",r=" + nonce
    said = bare + b"," + server_first + b"," + without_proof
    signature = hmac_digest(sha256(client_key).digest(), said, "sha256")
    proof = bytes(a ^ b for a, b in zip(client_key, signature, strict=True))
    return without_proof + b",p=" + b64encode(proof)


def test_the_example_of_the_rfc_is_followed_octet_by_octet() -> None:
    under_way = exchange()
    assert under_way.server_first == SERVER_FIRST
    assert under_way.finish(LAST) == SERVER_LAST


def test_a_wrong_password_proves_nothing() -> None:
    under_way = exchange()
    assert under_way.finish(last_message(under_way, b"Pencil")) is None


def test_a_proof_of_an_earlier_exchange_is_not_of_this_one() -> None:
    earlier, under_way = exchange(), ScramExchange(read_client_first(FIRST), KEYS)
    with pytest.raises(ProtocolError, match="nonce"):
        under_way.finish(last_message(earlier, b"pencil"))


def test_each_exchange_has_a_nonce_of_its_own() -> None:
    first = read_client_first(FIRST)
    assert len({ScramExchange(first, KEYS).server_first for _ in range(100)}) == 100


@pytest.mark.parametrize(
    "first",
    [
        b"",
        b"n,,",
        b"n=user,r=abc",
        b"x,,n=user,r=abc",
        b"n,a=b",
        b"n,,n=,r=abc",
        b"n,,n=user,r=",
        b"n,,n=user,r=a c",
        b"n,,n=us=2Der,r=abc",
        b"n,,n=user=,r=abc",
        b"n,,r=abc,n=user",
        b"n,,n=user,r=abc,x",
        b"n,,m=ext,n=user,r=abc",
        b"p=tls-unique,,n=user,r=abc",
        b"p=tls-exporter,,n=user,r=abc",
        b"n,,n=us\xffer,r=abc",
        b"n,,n=us\0er,r=abc",
        b"n,,n=user,r=" + b"a" * 257,
        b"n,,n=" + b"a" * 5000 + b",r=abc",
    ],
)
def test_a_first_message_that_is_none_is_refused(first: bytes) -> None:
    with pytest.raises(ProtocolError):
        read_client_first(first)


@pytest.mark.parametrize(
    ("first", "authcid", "authzid"),
    [
        (b"n,,n=user,r=abc", "user", ""),
        (b"y,,n=user,r=abc", "user", ""),
        (b"n,a=u:other,n=user,r=abc", "user", "u:other"),
        (b"n,a=dn:cn=3Da=2Cb,n=us=3Der=2C1,r=abc", "us=er,1", "dn:cn=a,b"),
        ("n,,n=Hậu,r=abc,x=y,z=".encode(), "Hậu", ""),
    ],
)
def test_names_are_read_from_a_first_message(first: bytes, authcid: str, authzid: str) -> None:
    read = read_client_first(first)
    assert (read.authcid, read.authzid) == (authcid, authzid)


def test_a_client_that_would_have_bound_the_channel_is_not_held_up() -> None:
    first = b"y,,n=user,r=rOprNGfwEbeRWgbNEkqO"
    under_way = exchange(first)
    assert under_way.finish(last_message(under_way, b"pencil", first)) is not None


@pytest.mark.parametrize(
    ("part", "instead"),
    [
        (b"c=biws", b"c=eSws"),  # y,, though the first message said n,,
        (b"c=biws", b"c=biws="),
        (b"c=biws,", b""),
        (b"rOprNG", b"ROprNG"),
        (b"hNlF$k0", b"hNlF$k"),
        (b",p=", b",q="),
        (b"ndVQ=", b"ndVQ"),
        (b"ndVQ=", b"ndV!"),
        (b"p=dHzbZapW", b"p="),
        (b"c=", b"\xff="),
    ],
)
def test_a_last_message_that_is_not_of_this_exchange_is_refused(part: bytes, instead: bytes) -> None:
    with pytest.raises(ProtocolError):
        exchange().finish(LAST.replace(part, instead))


@given(st.binary(max_size=200))
def test_any_octets_are_a_message_or_refused(octets: bytes) -> None:
    for take in (read_client_first, exchange().finish):
        try:
            take(octets)
        except ProtocolError:
            continue


@given(st.text(min_size=1, max_size=40), st.integers(0, 2**32))
def test_who_knows_the_password_proves_it_however_it_is_composed(password: str, seed: int) -> None:
    octets = password.encode("utf-8", "replace")
    keys = derive_keys(octets, seed.to_bytes(16, "big"), 1)
    composed = normalize("NFC", octets.decode()).encode()
    assert keys == derive_keys(composed, seed.to_bytes(16, "big"), 1)


def test_keys_are_kept_sealed_and_opened_by_the_same_secret_only() -> None:
    vault = ScramVault(b"a" * 32)
    sealed = vault.seal(KEYS)
    assert vault.open(sealed) == KEYS
    assert KEYS.stored_key not in sealed
    assert ScramVault(b"b" * 32).open(sealed) is None
    assert vault.open(sealed[:-1]) is None
    assert vault.open(b"") is None


def test_new_passwords_get_keys_of_full_cost() -> None:
    vault = ScramVault(bytes(32))
    keys = vault.open(vault.made_of("Bờ-sông-Hậu-9".encode(), b"an"))
    assert keys is not None
    assert keys.iterations == ITERATIONS == 65_536
    assert keys == derive_keys("Bờ-sông-Hậu-9".encode(), keys.salt)
    assert len(keys.salt) == 16
    assert keys.salt == vault.of_nobody(b"an").salt


def test_switched_off_no_keys_are_made_and_none_opened() -> None:
    vault = ScramVault(bytes(32), enabled=False)
    assert vault.made_of(b"pencil", b"an") is None
    assert vault.open(ScramVault(bytes(32)).seal(KEYS)) is None


def test_nobody_has_one_salt_for_ever_and_no_password() -> None:
    one, again = ScramVault(bytes(32)).of_nobody(b"an"), ScramVault(bytes(32)).of_nobody(b"an")
    assert (one.salt, one.iterations) == (again.salt, ITERATIONS)
    assert one.stored_key != again.stored_key
    assert one.salt != ScramVault(bytes(32)).of_nobody(b"binh").salt
    assert one.salt != ScramVault(b"b" * 32).of_nobody(b"an").salt


def test_keys_do_not_show_themselves() -> None:
    assert repr(KEYS) == "ScramKeys(<hidden>)"
