"""A province's sample with a few more people in one agency, running, as its mail servers meet it."""

from __future__ import annotations

import contextlib
import itertools
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import ldap3

from interop.server import Server, free_port, govdir, make_home

PEOPLE: Final = 300
ADMIN_PASSWORD: Final = "Bo@Song-Hau-9"
AGENCY: Final = "Sở Thông tin và Truyền thông"

NEWCOMERS: Final[Mapping[str, str]] = {
    "owner": "Huỳnh Thị Ngọc Diệp",
    "delegate": "H'Yuôt Byă",
    "second": "Công Tằng Tôn Nữ Hoàng Thị Bích Phượng",
    "krang": "Y Krang",
    "dieu": "Điểu Hoàng Xây",
    "renamed": "Đỗ Thị Ơn",
    "suspended": "Lê Văn Tạm",
    "blocked": "Ngô Thị Chặn",
    "revoked": "Dương Văn Thôi",
    "newpassword": "Trịnh Thị Mới",
    "operator": "Vũ Quản Trị",
    "staffleft": "Phan Văn Nghỉ",
    "leaderleft": "Phan Thị Lãnh",
    "leaderlonger": "Phan Văn Hưu",
    "staffgone": "Phan Thị Vắng",
}
"""By uid: those the sample has none of. Nobody but they and the sample is in the directory."""

RENAMED_TO: Final = "Đỗ Thị Ngọc Ơn"
_DAYS_SINCE: Final = {"staffleft": 1, "leaderleft": 1, "leaderlonger": 40, "staffgone": 200}
_RANKS: Final = {"staffleft": "staff", "leaderleft": "leader", "leaderlonger": "leader", "staffgone": "staff"}
_STATES: Final = {"suspended": "suspended", "blocked": "sendblocked", "revoked": "revoked"}
_GIVEN, _OWN = "Xuong@Cau-Rong-73", "Lua#Chin-Vang-85"
_ASK_SECONDS: Final = 10.0

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Body:
    """An agency, unit, district or commune."""

    dn: str
    mail: str
    kind: str
    domain: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a mailbox."""

    dn: str
    uid: str
    mail: str
    receives: bool


@dataclass(slots=True)
class Province:
    """A running directory and who is in it once all of NEWCOMERS are there and every agency with people has
    its mailbox shared: `shared` tells the addresses of owner and delegates by the mailbox's."""

    name: str
    server: Server
    policy_port: int
    suffix: str
    bodies: tuple[Body, ...]
    people: tuple[Person, ...]
    lists: Mapping[str, str]
    aliases: Mapping[str, str]
    shared: Mapping[str, frozenset[str]]

    @property
    def domain(self) -> str:
        """Its mail domain."""
        return f"{self.name}.gov.vn"

    @property
    def agency(self) -> Body:
        """Where the newcomers are."""
        return next(each for each in self.bodies if each.dn == _parent(self._person("owner").dn))

    def address(self, uid: str) -> str:
        """A newcomer's."""
        return self._person(uid).mail

    def dn(self, uid: str) -> str:
        """A newcomer's."""
        return self._person(uid).dn

    def _person(self, uid: str) -> Person:
        return next(each for each in self.people if each.uid == uid)

    def change(self, dn: str, **attributes: str | list[str]) -> None:
        """As the administrator: replaces these attributes."""
        with _connected(self.server, self.suffix) as admin:
            _modify(admin, dn, attributes)

    def files(self, folder: Path, name: str, program: str) -> Path:
        """A program's configuration below `folder`, as administrators get it."""
        command = ("service", "add", str(self.server.home), name, "--for", program)
        govdir(*command, "--server", f"localhost:{self.server.port}", "--write", str(folder))
        return folder

    def judged(self, **message: object) -> str:
        """What Postfix is told about a recipient (or with `state` END-OF-MESSAGE a message)."""
        question = {
            "request": "smtpd_access_policy",
            "protocol_state": message.pop("state", "RCPT"),
            "protocol_name": "ESMTP",
            "client_address": "203.0.113.9",
            "instance": f"five.{next(_numbers)}",
            "sasl_username": message.pop("login", ""),
            "sender": message.get("sender", ""),
            **message,
        }
        lines = "".join(f"{key}={value}\n" for key, value in question.items())
        with socket.create_connection(("127.0.0.1", self.policy_port), _ASK_SECONDS) as peer:
            peer.sendall(f"{lines}\n".encode())
            answer = peer.makefile("rb").readline()
        return answer.decode("ascii").strip().removeprefix("action=")


@contextlib.contextmanager
def running_province(folder: Path, name: str, alias_domains: tuple[str, ...]) -> Iterator[Province]:
    """Makes it below `folder` and starts it; stopped at the end. `alias_domains` stand for its own."""
    policy_port, suffix = free_port(), f"dc={name},dc=gov,dc=vn"
    settings = {"policy": f'["127.0.0.1:{policy_port}"]'}
    server = make_home(folder, settings, province=name, password=ADMIN_PASSWORD, sample=PEOPLE)
    server.start()
    try:
        with _connected(server, suffix) as admin:
            _welcome(admin, server, suffix)
            shared = _share(admin, suffix)
            main = f"associatedDomain={name}.gov.vn,ou=domains,{suffix}"
            _modify(admin, main, {"gdDomainAlias": list(alias_domains)})
            yield _read(admin, name, server, policy_port, shared)
    finally:
        server.stop()


def _connected(server: Server, suffix: str) -> ldap3.Connection:
    peer = ldap3.Server("127.0.0.1", server.port, get_info=ldap3.NONE, connect_timeout=10)
    return ldap3.Connection(peer, f"cn=admin,{suffix}", ADMIN_PASSWORD, auto_bind=True, receive_timeout=30)


def _modify(admin: ldap3.Connection, dn: str, attributes: Mapping[str, str | list[str]]) -> None:
    change = {
        name: [(ldap3.MODIFY_REPLACE, value if isinstance(value, list) else [value])]
        for name, value in attributes.items()
    }
    assert admin.modify(dn, change), admin.result


def _welcome(admin: ldap3.Connection, server: Server, suffix: str) -> None:
    """NEWCOMERS and what happens to them; a list of the agency's staff where the sample has none."""
    admin.search(f"ou=orgs,{suffix}", f"(displayName={AGENCY})", attributes=["mail"])
    agency = admin.entries[0].entry_dn
    for uid, name in NEWCOMERS.items():
        entry = {"cn": name, "sn": name.partition(" ")[0]}
        if uid in _RANKS:
            entry["gdRankClass"] = _RANKS[uid]
        classes = ["inetOrgPerson", "gdPerson", "gdMailbox"]
        assert admin.add(f"uid={uid},{agency}", classes, entry), admin.result
    for uid, state in _STATES.items():
        _modify(admin, f"uid={uid},{agency}", {"gdState": state})
    for uid, days in _DAYS_SINCE.items():
        left = datetime.now(UTC) - timedelta(days=days)
        _modify(admin, f"uid={uid},{agency}", {"gdLeavingAt": f"{left:%Y%m%d%H%M%S}Z"})
    for uid in ("newpassword", "renamed"):
        _modify(admin, f"uid={uid},{agency}", {"userPassword": _GIVEN})
    _use(server, f"uid=renamed,{agency}")
    renaming = {"cn": RENAMED_TO, "gdMiddleName": "Thị Ngọc", "mail": "*"}
    _modify(admin, f"uid=renamed,{agency}", renaming)
    group = {"gdRoleKind": "operator", "member": f"uid=operator,{agency}"}
    assert admin.add(f"cn=vanhanh,ou=admins,{suffix}", "gdRoleGroup", group), admin.result
    admin.search(f"ou=lists,{suffix}", "(objectClass=gdMailList)", attributes=["mail"])
    if not admin.entries:
        label = agency.partition(",")[0].removeprefix("ou=")
        mail = f"canbo.{label}@{suffix.replace('dc=', '').replace(',', '.')}"
        made = {"mail": mail, "owner": agency}
        assert admin.add(f"cn=canbo,ou=lists,{suffix}", "gdMailList", made), admin.result


def _use(server: Server, dn: str) -> None:
    """Somebody chooses a password and signs in: from then on the address is known to others."""
    peer = ldap3.Server("127.0.0.1", server.port, get_info=ldap3.NONE, connect_timeout=10)
    with ldap3.Connection(peer, dn, _GIVEN, auto_bind=True, receive_timeout=30) as holder:
        assert holder.extend.standard.modify_password(None, _GIVEN, _OWN), holder.result
    with ldap3.Connection(peer, dn, _OWN, auto_bind=True, receive_timeout=30):
        pass


def _share(admin: ldap3.Connection, suffix: str) -> dict[str, frozenset[str]]:
    """Each agency with two people of its own or more: one owns its mailbox, the next is authorised."""
    bodies, staff = "(&(objectClass=gdOrganization)(gdMailboxKind=org))", "(objectClass=gdPerson)"
    admin.search(f"ou=orgs,{suffix}", bodies, attributes=["mail"])
    agencies = {each.entry_dn: str(each["mail"]) for each in admin.entries}
    admin.search(f"ou=orgs,{suffix}", staff, attributes=["mail", "uid"])
    people = {each.entry_dn: str(each["mail"]) for each in admin.entries}
    shared = {}
    for dn, mail in agencies.items():
        below = sorted(each for each in people if each.endswith(f",{dn}"))
        chosen = [f"uid={uid},{dn}" for uid in ("owner", "delegate")]
        chosen = chosen if chosen[0] in people else below[:2]
        if len(chosen) == 2:
            change = {
                "objectClass": [(ldap3.MODIFY_ADD, ["gdSharedMailbox"])],
                "owner": [(ldap3.MODIFY_REPLACE, chosen[:1])],
                "gdDelegate": [(ldap3.MODIFY_REPLACE, chosen[1:])],
            }
            assert admin.modify(dn, change), admin.result
            shared[mail] = frozenset(people[each] for each in chosen)
    return shared


def _read(
    admin: ldap3.Connection, name: str, server: Server, policy_port: int, shared: dict[str, frozenset[str]]
) -> Province:
    suffix = f"dc={name},dc=gov,dc=vn"
    wanted = [
        "uid",
        "mail",
        "mailLocalAddress",
        "gdMailboxKind",
        "associatedDomain",
        "enabledService",
        "owner",
    ]
    admin.search(suffix, "(mail=*)", attributes=[*wanted, "objectClass"])
    bodies, people, lists, aliases = [], [], {}, {}
    for entry in admin.entries:
        found = entry.entry_attributes_as_dict
        values = {key: [str(each) for each in those] for key, those in found.items() if those}
        dn, mail = entry.entry_dn, values["mail"][0]
        receives = "deliver" in values.get("enabledService", ())
        if receives:
            aliases |= dict.fromkeys(values.get("mailLocalAddress", ()), mail)
        if "gdMailList" in values["objectClass"]:
            lists[mail] = values.get("owner", [f"ou=orgs,{suffix}"])[0]
        elif "gdPerson" in values["objectClass"]:
            people.append(Person(dn, values["uid"][0], mail, receives))
        else:
            domain = values.get("associatedDomain", [""])[0]
            bodies.append(Body(dn, mail, values["gdMailboxKind"][0], domain))
    return Province(name, server, policy_port, suffix, tuple(bodies), tuple(people), lists, aliases, shared)


def _parent(dn: str) -> str:
    return dn.partition(",")[2]
