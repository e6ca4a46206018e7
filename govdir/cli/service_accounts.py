"""Accounts of mail servers and applications: making and finding them."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from govdir.cli.base_tree import service_entry
from govdir.cli.language import say
from govdir.cli.local import LocalDirectory
from govdir.cli.outcome import Refused
from govdir.cli.people import Found, read
from govdir.mailservers.programs import Program
from govdir.policy.texts import Wording
from govdir.settings import matching

WORD: Final = matching(r"[a-z0-9][a-z0-9_-]{0,62}", "a-z 0-9 - _")

_UNKNOWN = Wording(
    "Không có tài khoản “{name}”; có: {known}", 'There is no account "{name}"; there are: {known}'
)


class NewService(Struct, frozen=True):
    """A service's bind identity."""

    dn: str
    password: str


def add_service(local: LocalDirectory, name: str, kind: str, channel: str = "") -> NewService:
    """Adds the entry and gives it a password that the rules accept. Raises DirectoryError."""
    request = service_entry(local.core.config.suffix, name, kind, channel)
    dn = local.run(local.handle.add(request)).dn
    password = local.run(local.handle.change_password(dn, None, None)) or b""
    return NewService(dn, password.decode())


def add_program(local: LocalDirectory, name: str, program: Program) -> NewService:
    """The account of a program that govdir knows. Raises DirectoryError."""
    return add_service(local, name, program.kind, program.channel)


def services(local: LocalDirectory) -> list[Found]:
    """All of them, by name."""
    return [read(local, dn) for dn in local.find("(objectClass=gdService)")]


def find_service(local: LocalDirectory, name: str) -> Found:
    """The account of that name. Raises Refused."""
    known = services(local)
    for found in known:
        if service_name(found) == name:
            return found
    raise Refused(say(_UNKNOWN, name=name, known=", ".join(map(service_name, known)) or "–"))


def service_name(found: Found) -> str:
    """What it is called at the command line."""
    return found.attributes.text("cn") or ""
