"""A new home: folder, configuration, keys, database and base tree, all of it or nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from importlib import resources
from os import getpid
from pathlib import Path
from random import SystemRandom

from govdir.assembly import default_policies
from govdir.cli.base_tree import base_tree
from govdir.cli.keys import write_certificates, write_secret
from govdir.cli.language import say
from govdir.cli.loading import restore
from govdir.cli.local import LocalDirectory, open_directory
from govdir.cli.outcome import EnvironmentTrouble, Refused
from govdir.cli.private_files import make_private_folder, write_private
from govdir.config import CONFIG_FILE, Config, render_config
from govdir.directory.errors import EntryAlreadyExists
from govdir.directory.index_keys import INDEX_VERSION
from govdir.key_files import ensure_sso_files
from govdir.mailattrs.settlement import AddressCheck
from govdir.policy.model import MailboxKind, Pack
from govdir.policy.password_rules import generate_password
from govdir.policy.texts import Language, Wording
from govdir.storage.meta import write_meta

PACK_FILE = "province.toml"
"""Where a home keeps a pack that is not shipped, so that it can be moved and backed up whole."""

_NOT_EMPTY = Wording(
    "{home} không trống; không có gì bị thay đổi.", "{home} is not empty; nothing was changed."
)
_NO_FOLDER = Wording("{home} không phải thư mục.", "{home} is not a folder.")
_DATABASE_IN_USE = Wording(
    "cơ sở dữ liệu {url} đã có danh bạ; không có gì bị thay đổi.",
    "the database {url} holds a directory already; nothing was changed.",
)
_DATABASE_MEND = Wording("chọn một cơ sở dữ liệu trống.", "choose an empty database.")


def check_new(home: Path) -> None:
    """Raises Refused unless `home` is missing or an empty folder."""
    if home.is_dir():
        if any(home.iterdir()):
            raise Refused(say(_NOT_EMPTY, home=home))
    elif home.exists() or home.is_symlink():
        raise Refused(say(_NO_FOLDER, home=home))


@contextmanager
def new_home(
    config: Config,
    pack: Pack,
    admin_password: str,
    exported: Path | None = None,
    pack_file: Path | None = None,
) -> Iterator[LocalDirectory]:
    """Makes `config.home`; the block may fill the directory further. When it raises, nothing is left.

    With an `exported` directory (LDIF) the new one is that, completed by what of the base tree it lacks;
    the administrator gets the password all the same. `pack_file` is copied to where `config.pack` says.

    Raises Refused when the home is not empty, EnvironmentTrouble, OSError.
    """
    home = config.home
    check_new(home)
    draft = home.with_name(f".{home.name}.{getpid()}")
    make_private_folder(draft)
    try:
        drafted = replace(config, home=draft)
        if pack_file is not None:
            write_private(drafted.path(drafted.pack), pack_file.read_bytes())
        _write_files(drafted, pack)
        check = AddressCheck.STRICT if exported is None else AddressCheck.KEEP
        with open_directory(drafted, check, new=True) as local:
            if local.directory.image.root is not None:
                raise EnvironmentTrouble(say(_DATABASE_IN_USE, url=config.database.url), say(_DATABASE_MEND))
            first = generate_password(pack, MailboxKind.PERSON, SystemRandom())
            if exported is not None:
                restore(local, exported)
            policies = default_policies(local.core)
            for request in base_tree(config.suffix, local.core.pack, first, policies):
                with suppress(EntryAlreadyExists):
                    local.run(local.handle.add(request))
            local.set_password(config.admin_dn, admin_password)
            facts = {
                "province": config.province,
                "suffix": config.suffix,
                "index_version": str(INDEX_VERSION),
            }
            write_meta(local.core.database, facts)
            yield local
        draft.rename(home)  # an empty folder is replaced
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def shipped_access_rules() -> bytes:
    """The access.toml that a new home gets."""
    return resources.files("govdir.directory").joinpath("data", "access.toml").read_bytes()


def _write_files(config: Config, pack: Pack) -> None:
    write_private(config.home / CONFIG_FILE, render_config(config).encode())
    write_private(config.path(config.security.access), shipped_access_rules())
    make_private_folder(config.path(config.security.secret).parent)
    write_secret(config.path(config.security.secret))
    write_certificates(
        authority=config.path(config.tls.authority),
        certificate=config.path(config.tls.certificate),
        key=config.path(config.tls.key),
        organization=pack.name.in_language(Language.VIETNAMESE),
    )
    ensure_sso_files(config)
