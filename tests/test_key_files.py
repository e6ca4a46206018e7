"""The keys of signing in as files of a home."""

from __future__ import annotations

import os
import shutil
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from govdir import key_files
from govdir.config import Config
from govdir.key_files import (
    KeyInTheWay,
    KeyName,
    activate_next_key,
    adopt_sso_files,
    ensure_sso_files,
    key_path,
    load_key,
    load_key_ring,
    load_sso_secret,
    make_next_key,
    publish_signing_keys,
    retire_old_key,
    settle_sso_files,
)
from govdir.key_troubles import KeysOfAnother, UnusableKeyFile
from govdir.settings import BadSetting
from govdir.sso.saml.keys import make_signing_key


@pytest.fixture(scope="module")
def made() -> list[tuple[bytes, bytes]]:
    """Three keys, for making one takes a while."""
    return [make_signing_key(f"SAML {number}") for number in range(3)]


@pytest.fixture
def config(tmp_path: Path, made: list[tuple[bytes, bytes]], monkeypatch: pytest.MonkeyPatch) -> Config:
    keys = iter(made * 3)
    monkeypatch.setattr(key_files, "make_signing_key", lambda _name: next(keys))
    return Config(home=tmp_path, province="cantho", mail_domain="cantho.gov.vn", suffix="dc=cantho")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_missing_is_made_and_only_its_owner_may_read_it(config: Config) -> None:
    ensure_sso_files(config)

    assert mode(config.home / "keys/saml/current.pem") == 0o600
    assert mode(config.home / "keys/saml") == 0o700
    assert mode(config.home / "keys/sso") == 0o600
    assert len(load_sso_secret(config)) == 32
    assert load_key_ring(config).next is None


def test_what_is_there_stays(config: Config) -> None:
    ensure_sso_files(config)
    before = (load_key_ring(config).current.fingerprint, load_sso_secret(config))

    ensure_sso_files(config)

    assert (load_key_ring(config).current.fingerprint, load_sso_secret(config)) == before
    assert sorted(path.name for path in (config.home / "keys").rglob("*")) == ["current.pem", "saml", "sso"]


def test_of_processes_that_start_at_once_all_have_the_same_keys(config: Config) -> None:
    def start(_number: int) -> tuple[str, bytes]:
        ensure_sso_files(config)
        return load_key_ring(config).current.fingerprint, load_sso_secret(config)

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(start, range(8)))) == 1


def test_a_real_key_is_of_3072_bits_and_called_after_the_mail_domain(tmp_path: Path) -> None:
    config = Config(home=tmp_path, province="cantho", mail_domain="cantho.gov.vn", suffix="dc=cantho")

    ensure_sso_files(config)

    key = load_key(config, KeyName.CURRENT)
    assert key.private.key_size == 3072
    assert b"SAML cantho.gov.vn" in key.certificate


def test_a_roll_over_publishes_then_activates_then_retires(config: Config) -> None:
    ensure_sso_files(config)
    first = load_key(config, KeyName.CURRENT).fingerprint

    second = make_next_key(config).fingerprint
    ring = load_key_ring(config)
    assert ring.next is not None
    assert (ring.current.fingerprint, ring.next.fingerprint, ring.old) == (first, second, None)

    activate_next_key(config)
    ring = load_key_ring(config)
    assert ring.old is not None
    assert (ring.current.fingerprint, ring.next, ring.old.fingerprint) == (second, None, first)

    retire_old_key(config)
    ring = load_key_ring(config)
    assert (ring.current.fingerprint, ring.next, ring.old) == (second, None, None)


def test_a_second_next_key_is_not_made(config: Config) -> None:
    ensure_sso_files(config)
    first = make_next_key(config).fingerprint

    with pytest.raises(KeyInTheWay, match="a key 'next'"):
        make_next_key(config)
    assert load_key(config, KeyName.NEXT).fingerprint == first


def test_without_a_next_key_none_is_activated(config: Config) -> None:
    ensure_sso_files(config)

    with pytest.raises(KeyInTheWay, match="no key 'next'"):
        activate_next_key(config)


def test_an_old_key_that_is_still_kept_is_never_overwritten(config: Config) -> None:
    ensure_sso_files(config)
    make_next_key(config)
    activate_next_key(config)
    old, current = (load_key(config, name).fingerprint for name in (KeyName.OLD, KeyName.CURRENT))
    make_next_key(config)

    with pytest.raises(KeyInTheWay, match="a key 'old'"):
        activate_next_key(config)
    assert load_key(config, KeyName.OLD).fingerprint == old
    assert load_key(config, KeyName.CURRENT).fingerprint == current


def test_an_activation_that_broke_off_half_way_is_completed(config: Config) -> None:
    ensure_sso_files(config)
    first, second = load_key(config, KeyName.CURRENT).fingerprint, make_next_key(config).fingerprint
    os.link(key_path(config, KeyName.CURRENT), key_path(config, KeyName.OLD))  # its first half

    activate_next_key(config)

    assert load_key(config, KeyName.CURRENT).fingerprint == second
    assert load_key(config, KeyName.OLD).fingerprint == first


def test_without_an_old_key_none_is_retired(config: Config) -> None:
    ensure_sso_files(config)

    with pytest.raises(KeyInTheWay, match="no key 'old'"):
        retire_old_key(config)


def test_a_file_with_another_keys_certificate_is_told_of(
    config: Config, made: list[tuple[bytes, bytes]]
) -> None:
    ensure_sso_files(config)
    path = key_path(config, KeyName.CURRENT)
    path.write_bytes(made[0][0] + made[1][1])

    with pytest.raises(UnusableKeyFile, match=r"current\.pem: .*do not belong together"):
        load_key_ring(config)


def test_a_secret_that_could_be_guessed_is_refused(config: Config) -> None:
    ensure_sso_files(config)
    (config.home / "keys/sso").write_bytes(b"short")

    with pytest.raises(BadSetting):
        load_sso_secret(config)


def another_node(config: Config) -> Config:
    """A home of its own on the same database."""
    folder = config.home / "node"
    folder.mkdir()
    url = f"sqlite:///{config.home / 'govdir.sqlite'}"
    return replace(config, home=folder, database=replace(config.database, url=url))


def test_the_first_node_makes_the_keys_and_later_starts_keep_them(config: Config) -> None:
    settle_sso_files(config)
    before = load_key_ring(config).current.fingerprint

    settle_sso_files(config)

    assert load_key_ring(config).current.fingerprint == before


def test_another_node_without_the_keys_makes_none_of_its_own(config: Config) -> None:
    settle_sso_files(config)
    node = another_node(config)

    with pytest.raises(KeysOfAnother) as refused:
        settle_sso_files(node)

    assert (refused.value.path, refused.value.missing) == (node.home / "keys/sso", True)
    assert not (node.home / "keys").exists()


def test_a_signing_key_that_went_missing_is_not_made_anew(config: Config) -> None:
    settle_sso_files(config)
    key_path(config, KeyName.CURRENT).unlink()

    with pytest.raises(KeysOfAnother) as refused:
        settle_sso_files(config)

    assert (refused.value.path, refused.value.missing) == (config.home / "keys/saml/current.pem", True)


def test_another_node_with_a_secret_of_its_own_is_told_of(config: Config) -> None:
    node = another_node(config)
    ensure_sso_files(node)
    settle_sso_files(config)

    with pytest.raises(KeysOfAnother) as refused:
        settle_sso_files(node)

    assert (refused.value.path, refused.value.missing) == (node.home / "keys/sso", False)


def test_another_node_with_the_same_keys_is_welcome(config: Config) -> None:
    settle_sso_files(config)
    node = another_node(config)
    shutil.copytree(config.home / "keys", node.home / "keys")

    settle_sso_files(node)


def test_another_node_that_signs_with_a_key_of_its_own_is_told_of(config: Config) -> None:
    settle_sso_files(config)
    node = another_node(config)
    shutil.copytree(config.home / "keys", node.home / "keys")
    key_path(node, KeyName.CURRENT).unlink()
    ensure_sso_files(node)

    with pytest.raises(KeysOfAnother) as refused:
        settle_sso_files(node)

    assert (refused.value.path, refused.value.missing) == (node.home / "keys/saml/current.pem", False)


def test_through_a_renewal_a_node_may_be_a_step_behind_until_its_key_is_given_up(config: Config) -> None:
    settle_sso_files(config)
    node = another_node(config)
    shutil.copytree(config.home / "keys", node.home / "keys")
    for step in (make_next_key, activate_next_key):
        step(config)
        publish_signing_keys(config)
        settle_sso_files(node)

    retire_old_key(config)
    publish_signing_keys(config)

    settle_sso_files(config)
    with pytest.raises(KeysOfAnother):
        settle_sso_files(node)


def test_a_new_certificate_makes_no_other_key(config: Config) -> None:
    settle_sso_files(config)
    path = key_path(config, KeyName.CURRENT)
    key = path.read_bytes().partition(b"-----BEGIN CERTIFICATE-----")[0]
    path.write_bytes(key + certificate_for(key))

    settle_sso_files(config)


def certificate_for(key_pem: bytes) -> bytes:
    """Another certificate for the key, PEM."""
    key = load_pem_private_key(key_pem, None)
    assert isinstance(key, RSAPrivateKey)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "another authority")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).serial_number(7)
    builder = builder.public_key(key.public_key()).not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
    signed = builder.not_valid_after(datetime(2036, 1, 1, tzinfo=UTC)).sign(key, SHA256())
    return signed.public_bytes(Encoding.PEM)


def test_keys_that_are_lost_can_be_replaced_for_the_whole_directory(config: Config) -> None:
    settle_sso_files(config)
    shutil.rmtree(config.home / "keys")
    node = another_node(config)

    adopt_sso_files(node)

    settle_sso_files(node)
    with pytest.raises(KeysOfAnother):
        settle_sso_files(config)
