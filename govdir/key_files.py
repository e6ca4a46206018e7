"""The keys of signing in, as files of a home: made when they are missing, read, renewed.

`[sso] keys` is a folder with one PEM file a key, private key and certificate together, so that renewing is
renaming: `current.pem` signs; `next.pem` is in the metadata already, for service providers to learn it before
it signs; `old.pem` is the former one, for those that have not learnt yet. `[sso] secret` is a file of random
octets. All of them are the same on every node of one directory; the database knows digests of the secret and
of the signing keys, so that a home with others, or with none, is not served by mistake.
"""

from __future__ import annotations

import os
import secrets
from enum import StrEnum
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from govdir.config import CONFIG_FILE, Config
from govdir.key_troubles import KeysOfAnother, UnusableKeyFile
from govdir.settings import BadSetting
from govdir.sso.idp.key_ring import KeyRing
from govdir.sso.saml.keys import SigningKey, make_signing_key
from govdir.sso.second_factor import derived_key
from govdir.storage import migrate
from govdir.storage.engine import Database, open_database
from govdir.storage.meta import read_meta, write_meta, write_meta_once

SECRET_OCTETS = 32
_PRIVATE_FILE, _PRIVATE_FOLDER = 0o600, 0o700
_CERTIFICATE = b"-----BEGIN CERTIFICATE-----"
_DIGEST, _SIGNING = "sso_secret", "saml_keys"  # facts of the database
_LONGEST_COMMON_NAME = 64  # ub-common-name of RFC 5280


class KeyName(StrEnum):
    """A signing key by what it is for; its file is called after it."""

    CURRENT = "current"
    NEXT = "next"
    OLD = "old"


class KeyInTheWay(Exception):
    """The step of the roll-over cannot be made: the key `name` is there, or is not (`missing`)."""

    def __init__(self, name: KeyName, *, missing: bool) -> None:
        super().__init__(f"there is {'no' if missing else 'a'} key {name.value!r}")
        self.name = name
        self.missing = missing


def key_path(config: Config, name: KeyName) -> Path:
    """Where a signing key is."""
    return config.path(config.sso.keys) / f"{name.value}.pem"


def ensure_sso_files(config: Config) -> None:
    """Makes the current signing key and the secret unless they are there; of two processes that start at
    once one makes them. A second at most, once in a home's life. Raises OSError.
    """
    if not key_path(config, KeyName.CURRENT).exists():
        _make_key(config, KeyName.CURRENT)
    secret = config.path(config.sso.secret)
    if not secret.exists():
        _put(secret, secrets.token_bytes(SECRET_OCTETS))


def settle_sso_files(config: Config) -> None:
    """What `ensure_sso_files` does, on a database that no home was served from yet; on one that was, sees to
    it that the files are there, the secret is the same and the current key one that is published: others
    would be a second identity provider of the same name, and would give people other names at applications.

    Brings an older database forward. Blocking. Raises KeysOfAnother, UnusableKeyFile, BadSetting,
    DatabaseUrlError, DatabaseTooNew, StoreUnavailable, OSError.
    """
    database = open_database(config.database_url)
    try:
        migrate.upgrade(database)
        if not sso_files_are_settled(database):
            ensure_sso_files(config)
        for path in (config.path(config.sso.secret), key_path(config, KeyName.CURRENT)):
            if not path.exists():
                raise KeysOfAnother(path, missing=True)
        digest = _digest(config)
        if write_meta_once(database, _DIGEST, digest) != digest:
            raise KeysOfAnother(config.path(config.sso.secret), missing=False)
        write_meta_once(database, _SIGNING, _public_keys(config))
        if not current_key_is_published(config, database):
            raise KeysOfAnother(key_path(config, KeyName.CURRENT), missing=False)
    finally:
        database.close()


def publish_signing_keys(config: Config) -> None:
    """After a step of the roll-over: a node may sign with any of the keys that this home has now.

    Blocking. Raises UnusableKeyFile, DatabaseUrlError, StoreUnavailable, OSError.
    """
    database = open_database(config.database_url)
    try:
        write_meta(database, {_SIGNING: _public_keys(config)})
    finally:
        database.close()


def adopt_sso_files(config: Config) -> None:
    """The files of this home are the directory's from now on, for the former are lost; missing ones are made.

    Blocking. Raises UnusableKeyFile, BadSetting, DatabaseUrlError, DatabaseTooNew, StoreUnavailable,
    OSError.
    """
    database = open_database(config.database_url)
    try:
        migrate.upgrade(database)
        ensure_sso_files(config)
        write_meta(database, {_DIGEST: _digest(config), _SIGNING: _public_keys(config)})
    finally:
        database.close()


def sso_files_are_settled(database: Database) -> bool:
    """Whether the directory was served with such files. Blocking. Raises StoreUnavailable."""
    return _DIGEST in read_meta(database)


def secret_is_the_directorys(config: Config, database: Database) -> bool:
    """False when it was served with another. Blocking. Raises BadSetting, StoreUnavailable, OSError."""
    digest = _digest(config)
    return read_meta(database).get(_DIGEST, digest) == digest


def current_key_is_published(config: Config, database: Database) -> bool:
    """False when the directory was served with other signing keys, none of which this home signs with; a new
    certificate for a key makes no other key of it. Blocking. Raises UnusableKeyFile, StoreUnavailable,
    OSError."""
    own = _public_key(load_key(config, KeyName.CURRENT))
    return own in read_meta(database).get(_SIGNING, own).split()


def load_key_ring(config: Config) -> KeyRing:
    """The signing keys there are. Raises UnusableKeyFile, OSError (there is none that signs)."""
    return KeyRing(
        current=load_key(config, KeyName.CURRENT),
        next=_load_if_there(config, KeyName.NEXT),
        old=_load_if_there(config, KeyName.OLD),
    )


def load_key(config: Config, name: KeyName) -> SigningKey:
    """One signing key. Raises UnusableKeyFile, OSError."""
    path = key_path(config, name)
    key, mark, certificate = path.read_bytes().partition(_CERTIFICATE)
    try:
        return SigningKey.load(key, mark + certificate)
    except ValueError as error:
        raise UnusableKeyFile(path, str(error)) from None


def load_sso_secret(config: Config) -> bytes:
    """The octets that second factors are encrypted with and persistent identifiers made from.

    Raises BadSetting for a file so short that its octets could be guessed, OSError.
    """
    secret = config.path(config.sso.secret).read_bytes()
    if len(secret) < SECRET_OCTETS:
        raise BadSetting(
            config.home / CONFIG_FILE, 0, "sso.secret", f"a file of {SECRET_OCTETS} random bytes"
        )
    return secret


def make_next_key(config: Config) -> SigningKey:
    """First step of a roll-over: a key that is published and does not sign. Raises KeyInTheWay, OSError."""
    if key_path(config, KeyName.NEXT).exists() or not _make_key(config, KeyName.NEXT):
        raise KeyInTheWay(KeyName.NEXT, missing=False)
    return load_key(config, KeyName.NEXT)


def activate_next_key(config: Config) -> None:
    """Second step: the next key signs, the current one becomes the old one, which stays published.

    There is a current key at every moment; what a crash leaves half done, the same call completes.
    Raises KeyInTheWay (no next key, or an old one that is still kept), OSError.
    """
    current, following, old = (key_path(config, name) for name in KeyName)
    if not following.exists():
        raise KeyInTheWay(KeyName.NEXT, missing=True)
    try:
        os.link(current, old)
    except FileExistsError:
        if not old.samefile(current):
            raise KeyInTheWay(KeyName.OLD, missing=False) from None
    following.replace(current)
    _sync_folder(current.parent)


def retire_old_key(config: Config) -> None:
    """Last step: the old key is deleted and no longer published. Raises KeyInTheWay, OSError."""
    old = key_path(config, KeyName.OLD)
    try:
        old.unlink()
    except FileNotFoundError:
        raise KeyInTheWay(KeyName.OLD, missing=True) from None
    _sync_folder(old.parent)


def _digest(config: Config) -> str:
    return derived_key(load_sso_secret(config), b"govdir: which secret this is").hex()


def _public_keys(config: Config) -> str:
    return " ".join(map(_public_key, load_key_ring(config).keys))


def _public_key(key: SigningKey) -> str:
    """SHA-256 of the public key, hexadecimal."""
    public = key.private.public_key()
    return sha256(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def _load_if_there(config: Config, name: KeyName) -> SigningKey | None:
    try:
        return load_key(config, name)
    except FileNotFoundError:
        return None


def _make_key(config: Config, name: KeyName) -> bool:
    """Whether it was made: one that is there stays."""
    key, certificate = make_signing_key(f"SAML {config.mail_domain}"[:_LONGEST_COMMON_NAME])
    return _put(key_path(config, name), key.rstrip() + b"\n" + certificate)


def _put(path: Path, octets: bytes) -> bool:
    """A whole private file that survives a loss of power, unless the name is taken; whether it was made."""
    path.parent.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE_FILE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(octets)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)  # unlike a rename it fails when the name is taken
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    _sync_folder(path.parent)
    return True


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
