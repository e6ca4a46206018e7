"""A small Cần Thơ with somebody in every state, as mail servers meet them."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import ldap3

from interop.conftest import connect
from interop.server import SUFFIX, Server, free_port, govdir, make_home

DOMAIN: Final = "cantho.gov.vn"
ALIAS_DOMAIN: Final = "ctcity.gov.vn"
"""A whole further domain for the same addresses (gdDomainAlias)."""

INTERNAL: Final = f"internal@{DOMAIN}"
"""Everybody in the province; only who runs the system announces to it."""
STAFF_LIST: Final = f"canbo.sonv@{DOMAIN}"
"""Everybody in Sở Nội vụ; its mailbox may send, and owners."""
NESTED_LIST: Final = f"lienlac.sonv@{DOMAIN}"
"""Holds the staff's list, somebody of another agency and somebody who is revoked, each by DN."""
BOX: Final = f"sonv@{DOMAIN}"
"""The agency's mailbox: nvminh owns it, ltbdao is its delegate, ptvan no longer is."""

SONV: Final = f"ou=sonv,ou=orgs,{SUFFIX}"
SOTTTT: Final = f"ou=sotttt,ou=orgs,{SUFFIX}"

_MAILBOX: Final = "objectClass: inetOrgPerson\nobjectClass: gdPerson\nobjectClass: gdMailbox"
_BODY: Final = "objectClass: organizationalUnit\nobjectClass: gdOrganization\nobjectClass: gdMailbox"
_EXPIRED_DAYS_AGO: Final = 400

_PEOPLE: Final[tuple[tuple[str, str, str, str], ...]] = (
    # uid, name, agency, further lines of the entry
    ("nvminh", "Nguyễn Văn Minh", SONV, "gdRankClass: leader"),
    ("ltbdao", "Lê Thị Bích Đào", SONV, ""),
    ("ptvan", "Phan Thị Vân", SONV, ""),
    ("tqan", "Trần Quốc Ân", SONV, f"mailLocalAddress: an.tran@{DOMAIN}"),
    ("pvthu", "Phạm Văn Thu", SONV, ""),
    ("nthoa", "Nguyễn Thị Hoa", SONV, ""),
    ("dvkhoa", "Đỗ Văn Khoa", SONV, "gdState: sendblocked"),
    ("vtmai", "Võ Thị Mai", SONV, "gdState: suspended"),
    ("hvson", "Huỳnh Văn Sơn", SONV, "gdState: revoked"),
    ("bttam", "Bùi Thị Tâm", SONV, "gdState: pending"),
    ("ntyen", "Ngô Thị Yến", SONV, ""),
    ("dvty", "Đặng Văn Tý", SONV, f"mailQuota: {1 << 20}"),
    ("tvut", "Trịnh Văn Út", SONV, f"maxMessageSize: {100 << 10}"),
    ("mvxuan", "Mai Văn Xuân", SOTTTT, ""),
    ("cvquan", "Cao Văn Quân", SOTTTT, ""),
    ("lmthuan", "Lý Minh Thuận", SOTTTT, ""),
)
MUST_CHANGE: Final = "pvthu"
EXPIRED: Final = "nthoa"
SEND_BLOCKED: Final = "dvkhoa"
SUSPENDED: Final = "vtmai"
REVOKED: Final = "hvson"
PENDING: Final = "bttam"
RENAMED: Final = "ntyen"
"""Was ntyen@, is nthaiyen@; the old address goes on receiving."""
ACTIVE: Final = ("nvminh", "ltbdao", "ptvan", "tqan", "ntyen", "dvty", "tvut", "mvxuan", "cvquan")
OPERATOR: Final = "cvquan"
UNUSED: Final = "lmthuan"
"""Signs in where accesses are counted, and nowhere else."""


@dataclass(slots=True)
class Town:
    """A running directory and what is known of its people, by the uid they were added under.

    `policy_port` is where its policy service listens, `doveadm_port` where it looks for Dovecot's HTTP
    interface, whose key is in `doveadm_key_file`. `others` are further nodes of the same directory.
    """

    server: Server
    policy_port: int
    doveadm_port: int
    addresses: Mapping[str, str] = field(default_factory=dict)
    dns: Mapping[str, str] = field(default_factory=dict)
    others: tuple[Server, ...] = ()
    other_policy_ports: tuple[int, ...] = ()

    @property
    def policy_ports(self) -> tuple[int, ...]:
        """Where the policy service of each node listens."""
        return (self.policy_port, *self.other_policy_ports)

    def password_of(self, uid: str) -> str:
        """The password somebody signs in with, where their state lets them."""
        return f"Lua-chin-{zlib.crc32(uid.encode())}"

    def address_of(self, uid: str) -> str:
        """Somebody's primary address."""
        return self.addresses[uid]

    def dn_of(self, uid: str) -> str:
        """Somebody's entry."""
        return self.dns[uid]

    @property
    def doveadm_key_file(self) -> Path:
        """What govdir shows Dovecot's HTTP interface."""
        return self.server.home / "keys" / "doveadm"

    def files(self, folder: Path, name: str, program: str) -> Path:
        """A new identity `name` and the program's configuration below `folder`, as administrators get it."""
        command = ("service", "add", str(self.server.home), name, "--for", program)
        nodes = (
            word for node in (self.server, *self.others) for word in ("--server", f"localhost:{node.port}")
        )
        policies = [word for port in self.policy_ports for word in ("--policy", f"127.0.0.1:{port}")]
        govdir(*command, *nodes, *policies, "--write", str(folder))
        return folder

    def change(self, dn: str, **attributes: str | list[str] | None) -> None:
        """As the administrator: replaces these attributes; None takes one away."""
        change = {
            name: [(ldap3.MODIFY_REPLACE, [] if value is None else value if type(value) is list else [value])]
            for name, value in attributes.items()
        }
        with connect(self.server) as admin:
            assert admin.modify(dn, change), admin.result

    def set_state(self, uid: str, state: str) -> None:
        """Sets gdState."""
        self.change(self.dn_of(uid), gdState=state)

    @contextlib.contextmanager
    def changed(self, dn: str, **attributes: str | list[str]) -> Iterator[None]:
        """Other values for a while."""
        with connect(self.server) as admin:
            assert admin.search(dn, "(objectClass=*)", ldap3.BASE, attributes=[*attributes]), admin.result
            before = admin.entries[0].entry_attributes_as_dict
        self.change(dn, **attributes)
        try:
            yield
        finally:
            self.change(dn, **{name: [str(value) for value in before[name]] for name in attributes})


@contextlib.contextmanager
def running_town(folder: Path, more: Mapping[str, str] | None = None) -> Iterator[Town]:
    """Makes it below `folder` and starts it, `more` being further settings, as TOML; stopped at the end."""
    policy, doveadm = free_port(), free_port()
    settings = {
        "policy": f'["127.0.0.1:{policy}"]',
        "doveadm": f'["http://127.0.0.1:{doveadm}"]',
        **(more or {}),
    }
    town = Town(make_home(folder, settings), policy, doveadm)
    with living(town, folder):
        yield town


@contextlib.contextmanager
def living(town: Town, folder: Path) -> Iterator[None]:
    """Brings the people into a home that was just made, and starts it; all nodes are stopped at the end."""
    _fill(town, folder / "town.ldif")
    nodes = (town.server, *town.others)
    try:
        for node in nodes:
            node.start()
        _settle(town)
        yield
    finally:
        for node in nodes:
            node.stop()


def _fill(town: Town, file: Path) -> None:
    """What an import brings: bodies, people with the passwords they had, lists."""
    entries = [
        f"dn: {SONV}\n{_BODY}\ndisplayName: Sở Nội vụ\n",
        f"dn: {SOTTTT}\n{_BODY}\ndisplayName: Sở Thông tin và Truyền thông\n",
    ]
    for uid, name, agency, more in _PEOPLE:
        lines = [f"dn: uid={uid},{agency}", _MAILBOX, f"cn: {name}", f"sn: {name.split(maxsplit=1)[0]}"]
        password = town.password_of(uid)
        lines.append(f"userPassword: {password if uid == MUST_CHANGE else _hashed(password)}")
        if uid == EXPIRED:
            then = datetime.now(UTC) - timedelta(days=_EXPIRED_DAYS_AGO)
            lines.append(f"pwdChangedTime: {then:%Y%m%d%H%M%S}Z")
        entries.append("\n".join((*lines, *(more.splitlines()))) + "\n")
    entries += [
        f"dn: cn=operators,ou=admins,{SUFFIX}\nobjectClass: gdRoleGroup\ncn: operators\n"
        f"gdRoleKind: operator\nmember: uid={OPERATOR},{SOTTTT}\n",
        f"dn: cn=canbo.sonv,ou=lists,{SUFFIX}\nobjectClass: gdMailList\nmail: {STAFF_LIST}\nowner: {SONV}\n",
        f"dn: cn=internal,ou=lists,{SUFFIX}\nobjectClass: gdMailList\nmail: {INTERNAL}\n",
    ]
    file.write_text("\n".join(entries), "utf-8")
    govdir("import", str(town.server.home), str(file))


def _hashed(password: str) -> str:
    """{SSHA}, as a former directory kept it."""
    salt = os.urandom(8)
    digest = hashlib.sha1(password.encode() + salt).digest()
    return "{SSHA}" + base64.b64encode(digest + salt).decode()


def _settle(town: Town) -> None:
    """What only comes about by later changes, and what everybody's address became."""
    with connect(town.server) as admin:
        box = {
            "objectClass": [(ldap3.MODIFY_ADD, ["gdSharedMailbox"])],
            "owner": [(ldap3.MODIFY_REPLACE, [f"uid=nvminh,{SONV}"])],
        }
        assert admin.modify(SONV, box), admin.result
        for delegate in ("ptvan", "ltbdao"):
            change = {"gdDelegate": [(ldap3.MODIFY_REPLACE, [f"uid={delegate},{SONV}"])]}
            assert admin.modify(SONV, change), admin.result
        renamed = {
            "cn": [(ldap3.MODIFY_REPLACE, ["Ngô Thị Hải Yến"])],
            "gdMiddleName": [(ldap3.MODIFY_REPLACE, ["Thị Hải"])],
            "mail": [(ldap3.MODIFY_REPLACE, ["*"])],
        }
        assert admin.modify(f"uid={RENAMED},{SONV}", renamed), admin.result
        nested = {
            "mail": NESTED_LIST,
            "member": [
                f"cn=canbo.sonv,ou=lists,{SUFFIX}",
                f"uid=mvxuan,{SOTTTT}",
                f"uid={REVOKED},{SONV}",
            ],
            "owner": SONV,
        }
        assert admin.add(f"cn=lienlac.sonv,ou=lists,{SUFFIX}", "gdMailList", nested), admin.result
        alias = {"gdDomainAlias": [(ldap3.MODIFY_REPLACE, [ALIAS_DOMAIN])]}
        assert admin.modify(f"associatedDomain={DOMAIN},ou=domains,{SUFFIX}", alias), admin.result
        admin.search(f"ou=orgs,{SUFFIX}", "(objectClass=gdPerson)", attributes=["mail", "uid"])
        town.addresses = {str(entry["uid"]): str(entry["mail"]) for entry in admin.entries}
        town.dns = {str(entry["uid"]): entry.entry_dn for entry in admin.entries}
