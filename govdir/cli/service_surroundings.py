"""What configurations of mail servers say of one directory, and what in it they will trip over."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from typing import Final

from cryptography import x509
from msgspec import Struct

from govdir.cli.home import shipped_access_rules
from govdir.cli.local import LocalDirectory
from govdir.cli.private_files import write_private
from govdir.config import Config
from govdir.directory.access import AccessRules, AttributeSet
from govdir.lifecycle.facts import is_mailbox
from govdir.mailservers.configurations import Surroundings
from govdir.mailservers.programs import Program
from govdir.policy.texts import Wording

_ANYWHERE: Final = ("0.0.0.0", "::")  # noqa: S104 - what is listened on, not listening
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
_LDAP_PORT: Final = 389
DOVEADM_KEY_OCTETS: Final = 32
_QUOTA_WARNING: Final = 90  # percent, where the regulation names none

_ONLY_HERE = Wording(
    "govdir chỉ nghe ở chính máy này (localhost). Để máy khác truy vấn, đặt [listen] ldap trong govdir.toml "
    "và nêu --server.",
    "govdir listens on this host only (localhost). For other hosts set [listen] ldap in govdir.toml, and "
    "name --server.",
)
_NOT_CERTIFIED = Wording(
    "Chứng thư của govdir không có tên {host}: máy chủ thư sẽ từ chối kết nối. Chứng thư có: {names}.",
    "govdir's certificate does not have the name {host}: mail servers will refuse to talk to it. It has: "
    "{names}.",
)
_OLD_RULES = Wording(
    "access.toml của danh bạ này có từ bản cũ: {who} không đọc được {attributes}. Lấy quy tắc và [groups] "
    "ấy từ access.toml của một danh bạ mới tạo bằng govdir init, rồi khởi động lại.",
    "This directory's access.toml is from an older release: {who} may not read {attributes}. Take those "
    "rules and [groups] over from the access.toml of a directory newly made by govdir init, and restart.",
)
_NOT_ASKED = Wording(
    "[listen] policy chưa đặt trong govdir.toml: không ai xét người gửi vào danh sách và cỡ thư của từng "
    "hộp thư.",
    "[listen] policy is not set in govdir.toml: nobody judges senders to lists, or the size of messages by "
    "mailbox.",
)
_ASKED_AT_ONE = Wording(
    "Chỉ {policy} được hỏi về người gửi: khi nút ấy dừng, thư phải chờ, dù nút khác đang chạy. Nêu --policy "
    "cho từng nút.",
    "Only {policy} is asked about senders: while that node is away mail waits, though others are there. Name "
    "--policy for each node.",
)


class Places(Struct, frozen=True):
    """Where a mail server asks: `servers` (HOST[:PORT]) and the policy service (HOST:PORT), one for each
    node; none stands for where this directory listens."""

    servers: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()


HERE: Final = Places()


class Prepared(Struct, frozen=True):
    """What a program's configuration says of this directory, and what will keep it from working."""

    surroundings: Surroundings
    troubles: tuple[Wording, ...]


def prepare(
    local: LocalDirectory,
    program: Program,
    dn: str,
    password: str,
    named: Places = HERE,
) -> Prepared:
    """All that `program` under this identity needs. Raises OSError."""
    settings = local.core.config
    surroundings = _surroundings(local, program, dn, password, named)
    return Prepared(
        surroundings, (*_old_rules(local, program.kind), *_troubles(settings, program, surroundings))
    )


def _surroundings(
    local: LocalDirectory,
    program: Program,
    dn: str,
    password: str,
    named: Places,
) -> Surroundings:
    settings = local.core.config
    places = [_place(server) for server in named.servers] or _own_places(settings)
    asked = named.policies or _policies(settings, [host for host, _ in places])
    owed = local.core.pack.operations
    warned = owed.quota_warning_citation
    return Surroundings(
        suffix=settings.suffix,
        domain=local.core.pack.domain,
        urls=tuple(f"ldap://{host}:{port}" for host, port in places),
        server=places[0][0],
        port=places[0][1],
        dn=dn,
        password=password,
        authority=settings.path(settings.tls.authority).read_text("ascii"),
        policy=asked[0] if asked else "",
        further_policies=asked[1:],
        domains=_domains(local),
        sub_domains=local.core.pack.sub_domains,
        people=sum(1 for record in local.directory.image.records if record and is_mailbox(record)),
        message_bytes=_largest_message(local),
        doveadm_key=_doveadm_key(settings) if program.sessions else "",
        quota_warning=owed.quota_warning_percent or _QUOTA_WARNING,
        quota_warning_place="" if warned is None else warned.place,
    )


def _old_rules(local: LocalDirectory, kind: str) -> Iterator[Wording]:
    """What the shipped rules let services of this kind read, and the home's own do not."""
    vocabulary, who = local.directory.vocabulary, f"service:{kind}"
    shipped = AccessRules.parse(shipped_access_rules().decode(), vocabulary, publication=False)
    ours, theirs = _readable(local.directory.access, who), _readable(shipped, who)
    lacking = [vocabulary.describe(key) for key in sorted(theirs.keys)]
    names = [each.attribute.name for each in lacking if not ours.holds(each.attribute.key, each.operational)]
    if names:
        yield _OLD_RULES.filled(who=who, attributes=", ".join(names))


def _readable(rules: AccessRules, who: str) -> AttributeSet:
    everything = AttributeSet()
    for rule in rules.rules:
        if rule.who == who:
            everything = everything.union(rule.grant.read)
    return everything


def _troubles(settings: Config, program: Program, surroundings: Surroundings) -> Iterator[Wording]:
    """What will keep the program from working with these files, though they are right. Raises OSError."""
    hosts = [url.removeprefix("ldap://").rpartition(":")[0] for url in surroundings.urls]
    if all(host in _LOOPBACK for host in hosts) and _listens_here_only(settings):
        yield _ONLY_HERE
    names = _certified_names(settings)
    for host in hosts:
        if not any(_stands_for(name, host) for name in names):
            yield _NOT_CERTIFIED.filled(host=host, names=", ".join(names))
    if program.asks and not surroundings.policy:
        yield _NOT_ASKED
    elif program.asks and len(set(hosts)) > 1 and not surroundings.further_policies:
        yield _ASKED_AT_ONE.filled(policy=surroundings.policy)


def _place(text: str) -> tuple[str, int]:
    """HOST[:PORT]; an IPv6 address with a port stands in brackets."""
    host, colon, port = text.rpartition(":")
    if colon and port.isdigit() and (":" not in host or host.endswith("]")):
        return host, int(port)
    return (f"[{text}]" if ":" in text and not text.endswith("]") else text), _LDAP_PORT


def _own_places(settings: Config) -> list[tuple[str, int]]:
    """Where this directory listens, by the first name of its certificate that other hosts may know;
    "localhost" where only loopback is listened on."""
    names = [name for name in _certified_names(settings) if name not in _LOOPBACK]
    name = "localhost" if _listens_here_only(settings) or not names else names[0]
    ports = [endpoint.port for endpoint in settings.listen.ldap] or [_LDAP_PORT]
    return [(name, port) for port in dict.fromkeys(ports)]


def _listens_here_only(settings: Config) -> bool:
    return all(endpoint.host in _LOOPBACK for endpoint in settings.listen.ldap)


def _certified_names(settings: Config) -> list[str]:
    """Host names and addresses that the certificate has."""
    pem = settings.path(settings.tls.certificate).read_bytes()
    extension = x509.load_pem_x509_certificate(pem).extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    addresses = map(str, extension.value.get_values_for_type(x509.IPAddress))
    return [*extension.value.get_values_for_type(x509.DNSName), *addresses]


def _stands_for(name: str, host: str) -> bool:
    """Whether a name of a certificate is that of a host (RFC 6125: a wildcard stands for one label)."""
    name, host = name.lower(), host.lower().strip("[]")
    return name == host or (name.startswith("*.") and name[2:] == host.partition(".")[2])


def _domains(local: LocalDirectory) -> tuple[str, ...]:
    """The province's, then those of ou=domains and their further names; domains of bodies, where a regulation
    has them, are many and come and go."""
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


def _policies(settings: Config, hosts: Sequence[str]) -> tuple[str, ...]:
    """Where the policy service of these nodes listens, if all are set up as this one."""
    for endpoint in settings.listen.policy:
        if endpoint.host in _ANYWHERE:
            return tuple(dict.fromkeys(f"{host}:{endpoint.port}" for host in hosts))
        return (f"{endpoint.host}:{endpoint.port}",)
    return ()
