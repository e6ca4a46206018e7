"""`govdir service config`: a mail server's finished configuration for this directory."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click
from cryptography import x509

from govdir.cli.command import Function, accepted_by, command, home_argument, json_option, option
from govdir.cli.language import say
from govdir.cli.local import LocalDirectory, open_directory
from govdir.cli.outcome import Refused
from govdir.cli.output import print_json, remark
from govdir.cli.private_files import write_private
from govdir.cli.service_accounts import WORD, find_service
from govdir.config import Config, load_config
from govdir.lifecycle.facts import is_mailbox
from govdir.mailservers.configurations import ConfigurationFile, Surroundings, configuration
from govdir.mailservers.programs import PROGRAMS, Program
from govdir.policy.texts import Wording

PASSWORD_PLACE: Final = "PASSWORD-OF-THE-SERVICE"  # noqa: S105 - a place for one
"""Stands where a password belongs that govdir does not know any more."""

_ANYWHERE: Final = ("0.0.0.0", "::")  # noqa: S104 - what is listened on, not listening
_LDAP_PORT: Final = 389
DOVEADM_KEY_OCTETS: Final = 32

_SERVER = Wording(
    "Tên máy chủ govdir như máy chủ thư gọi, có trong chứng thư; nêu nhiều lần khi có nhiều nút.",
    "The govdir host as the mail server calls it, a name its certificate has; several for several nodes.",
)
_WRITE = Wording(
    "Ghi các tệp vào dưới DIR thay vì in ra.", "Write the files below DIR instead of printing them."
)
_WRITTEN = Wording("Đã ghi {path}.", "Wrote {path}.")
_EXISTS = Wording("{path} đã có; hãy dùng thư mục khác.", "{path} exists; use another folder.")
_COPY = Wording(
    "Chép các tệp này sang máy chủ thư, giữ nguyên đường dẫn. Tệp có mật mã chỉ root được đọc.",
    "Copy these files to the mail server, keeping their paths. Only root may read those with the password.",
)


def place_options(function: Function) -> Function:
    """Decorates a function with `--server` (tuple) and `--write`."""
    written = option("--write", "folder", metavar="DIR", type=click.Path(path_type=Path), wording=_WRITE)
    return option("--server", "servers", multiple=True, metavar="HOST[:PORT]", wording=_SERVER)(
        written(function)
    )


@command(
    "config",
    Wording(
        "In cấu hình của phần mềm PROGRAM dùng tài khoản NAME, với các giá trị của danh bạ này.\n\n"
        "Mật mã không in lại được: chỗ của nó ghi " + PASSWORD_PLACE + ".",
        "Prints the configuration of the program PROGRAM for the account NAME, with this directory's "
        "values.\n\nThe password cannot be shown again: its place says " + PASSWORD_PLACE + ".",
    ),
    "govdir service config ./home postfix postfix --server ldap.cantho.gov.vn:389",
)
@home_argument
@click.argument("name", callback=accepted_by(WORD))
@click.argument("program", metavar="PROGRAM", type=click.Choice(sorted(PROGRAMS)))
@place_options
@json_option
def config(
    *, home: Path, name: str, program: str, servers: tuple[str, ...], folder: Path | None, as_json: bool
) -> None:
    """`govdir service config`."""
    with open_directory(load_config(home)) as local:
        dn = find_service(local, name).dn
        surroundings = surroundings_of(local, PROGRAMS[program], dn, PASSWORD_PLACE, servers)
    tell_configuration(PROGRAMS[program], surroundings, folder, as_json=as_json)


def surroundings_of(
    local: LocalDirectory, program: Program, dn: str, password: str, servers: Sequence[str] = ()
) -> Surroundings:
    """What a configuration says of this directory; `servers` go before what it listens on. Raises OSError."""
    settings = local.core.config
    places = [_place(server) for server in servers] or _own_places(settings)
    return Surroundings(
        suffix=settings.suffix,
        domain=local.core.pack.domain,
        urls=tuple(f"ldap://{host}:{port}" for host, port in places),
        server=places[0][0],
        port=places[0][1],
        dn=dn,
        password=password,
        authority=settings.path(settings.tls.authority).read_text("ascii"),
        policy=_policy(settings, places[0][0]),
        domains=_domains(local),
        sub_domains=local.core.pack.sub_domains,
        people=sum(1 for record in local.directory.image.records if record and is_mailbox(record)),
        message_bytes=_largest_message(local),
        doveadm_key=_doveadm_key(settings) if program.sessions else "",
    )


def tell_configuration(
    program: Program, surroundings: Surroundings, folder: Path | None, *, as_json: bool
) -> None:
    """Prints the files, or writes them below `folder`. Raises Refused, OSError."""
    files = configuration(program, surroundings)
    if folder is not None:
        _write(files, folder)
    elif as_json:
        print_json(files)
    else:
        for file in files:
            click.echo(f"# ---- {file.path}\n{file.text}")
        remark(say(_COPY))


def _write(files: Sequence[ConfigurationFile], folder: Path) -> None:
    places = [folder / file.path.lstrip("/") for file in files]
    for place in places:
        if place.exists():
            raise Refused(say(_EXISTS, path=place))
    for file, place in zip(files, places, strict=True):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch(mode=0o640 if file.secret else 0o644)
        place.write_text(file.text, "utf-8")
        remark(say(_WRITTEN, path=place))


def _place(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    return (host, int(port)) if colon and port.isdigit() else (text, _LDAP_PORT)


def _own_places(settings: Config) -> list[tuple[str, int]]:
    """Where this directory listens, by names that its certificate has."""
    name = _certified_name(settings)
    ports = [endpoint.port for endpoint in settings.listen.ldap] or [_LDAP_PORT]
    return [(name, port) for port in dict.fromkeys(ports)]


def _certified_name(settings: Config) -> str:
    """The first name of the certificate that other hosts may know; "localhost" where only loopback is
    listened on."""
    pem = settings.path(settings.tls.certificate).read_bytes()
    names = (
        x509.load_pem_x509_certificate(pem)
        .extensions.get_extension_for_class(x509.SubjectAlternativeName)
        .value.get_values_for_type(x509.DNSName)
    )
    if all(endpoint.host in ("127.0.0.1", "::1", "localhost") for endpoint in settings.listen.ldap):
        return "localhost"
    return next((name for name in names if name != "localhost"), "localhost")


def _domains(local: LocalDirectory) -> tuple[str, ...]:
    """The province's, then those of ou=domains and their further names; bodies' own (Đắk Lắk) are many and
    come and go."""
    known = {local.core.pack.domain: None}
    for dn in local.find("(objectClass=gdMailDomain)"):
        attributes = local.handle.read(dn).texts
        known |= dict.fromkeys((*attributes("associatedDomain"), *attributes("gdDomainAlias")))
    return tuple(known)


def _largest_message(local: LocalDirectory) -> int:
    """Octets; what the regulation gives any kind of mailbox, or more where somebody was given more. 0: no
    limit."""
    given = {rules.maximum_message_size for rules in local.core.pack.mailboxes.values()}
    for record in local.directory.image.records:
        if record is not None:
            given.update(map(int, record.values("maxmessagesize")))
    return 0 if 0 in given else max(given)


def _doveadm_key(settings: Config) -> str:
    """What govdir shows Dovecot servers; made when a configuration is first asked for. Raises OSError."""
    path = settings.path(settings.mail_servers.doveadm_key)
    if not path.exists():
        write_private(path, secrets.token_hex(DOVEADM_KEY_OCTETS).encode())
    return path.read_text("ascii").strip()


def _policy(settings: Config, server: str) -> str:
    for endpoint in settings.listen.policy:
        host = server if endpoint.host in _ANYWHERE else endpoint.host
        return f"{host}:{endpoint.port}"
    return ""
