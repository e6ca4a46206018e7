"""A mailbox as commands tell it: in a table for people, in JSON for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

import click
from msgspec import Struct

from govdir.cli.days import moment, shown_moment
from govdir.cli.language import say
from govdir.cli.local import LocalDirectory
from govdir.cli.mailbox_dues import IfUnused, if_unused
from govdir.cli.one_time import print_password
from govdir.cli.output import print_json
from govdir.cli.people import Found, body_name, name_of, read, record_of
from govdir.directory.errors import NoSuchObject
from govdir.directory.identity import signs_in
from govdir.directory.image import Record
from govdir.directory.password_policy import PROVINCE_ZONE
from govdir.directory.password_state import state_of
from govdir.directory.usability import usability_of
from govdir.mailattrs.address_terms import terms_of
from govdir.mailattrs.states import State
from govdir.policy.texts import Wording

_STATES = {
    State.PENDING: Wording("chờ duyệt", "pending approval"),
    State.ACTIVE: Wording("đang dùng", "active"),
    State.SEND_BLOCKED: Wording("khóa chức năng gửi", "may not send"),
    State.SUSPENDED: Wording("tạm khóa", "suspended"),
    State.REVOKED: Wording("đã thu hồi", "revoked"),
    State.DELETED: Wording("đã xóa", "deleted"),
}
_KINDS = {
    "person": Wording("cá nhân", "person"),
    "leader": Wording("lãnh đạo", "leader"),
    "role": Wording("chức năng", "function"),
    "org": Wording("cơ quan", "agency"),
    "agency": Wording("cơ quan", "agency"),
    "unit": Wording("phòng, ban", "unit"),
    "district": Wording("cấp huyện", "district"),
    "commune": Wording("cấp xã", "commune"),
    "other": Wording("khác", "other"),
}
_YES, _NO = Wording("được", "yes"), Wording("không", "no")
_NEVER = Wording("chưa có", "never")
_MUST_CHANGE = Wording("phải đổi khi đăng nhập", "must be changed at the login")
_EXPIRES = Wording("{changed}, hết hạn {expires}", "{changed}, expires {expires}")
_EXPIRED = Wording("{changed}, đã hết hạn {expires}", "{changed}, expired {expires}")
_NONE = Wording("chưa đặt", "none")
_NOW = Wording("{mail}: {state}", "{mail}: {state}")
_LABELS = {
    "name": Wording("Tên", "Name"),
    "mail": Wording("Địa chỉ", "Address"),
    "aliases": Wording("Bí danh", "Aliases"),
    "kind": Wording("Loại", "Kind"),
    "body": Wording("Thuộc", "Belongs to"),
    "position": Wording("Chức vụ", "Position"),
    "title": Wording("Chức danh", "Title"),
    "rank": Wording("Cấp", "Rank"),
    "phone": Wording("Điện thoại", "Telephone"),
    "state": Wording("Trạng thái", "State"),
    "reason": Wording("Lý do", "Reason"),
    "sign_in": Wording("Đăng nhập", "Signs in"),
    "receive": Wording("Nhận thư", "Receives"),
    "send": Wording("Gửi thư", "Sends"),
    "services": Wording("Máy chủ thư thấy", "Mail servers see"),
    "password": Wording("Mật mã", "Password"),
    "last_sign_in": Wording("Đăng nhập gần nhất", "Last sign-in"),
    "last_accesses": Wording("Truy cập gần nhất", "Last accesses"),
    "leaving": Wording("Nghỉ, chuyển từ", "Leaves on"),
    "send_block_at": Wording("Khóa gửi từ", "Sending ends"),
    "revoke_at": Wording("Thu hồi từ", "Revoked from"),
    "notice_at": Wording("Đã thông báo", "Notice given"),
    "reminders": Wording("Đã nhắc nhở", "Reminders"),
    "exempt_until": Wording("Miễn xét đến", "Exempt until"),
    "if_unused": Wording("Nếu không dùng", "If unused"),
    "quota": Wording("Dung lượng", "Quota"),
    "owner": Wording("Người phụ trách", "Owner"),
    "delegates": Wording("Được ủy quyền", "Delegates"),
    "delegate_until": Wording("Ủy quyền đến", "Delegated until"),
    "handovers": Wording("Bàn giao", "Handovers"),
    "login": Wording("Tên đăng nhập", "Login name"),
    "dn": Wording("DN", "DN"),
}
_UNUSED = Wording("{what} từ {day}: {rule}", "{what} from {day}: {rule}")
_LEAVES = Wording("nghỉ, chuyển từ {day}", "leaves on {day}")
_UNLIMITED = Wording("không giới hạn", "unlimited")


_UNTIL = Wording("{alias} (đến {end})", "{alias} (until {end})")


class Absent(Struct, frozen=True):
    """An owner or delegate whose mailbox is not in full use, or who leaves (`leaving`, aware)."""

    mail: str
    state: str
    leaving: datetime | None


class MailboxView(Struct, frozen=True):
    """All that matters about a mailbox; times are aware, the quota in bytes (0 = unlimited). `alias_ends`:
    when those aliases end that are not for good."""

    name: str
    mail: str
    aliases: tuple[str, ...]
    kind: str
    body: str
    position: str
    title: str
    rank: str
    phone: str
    state: str
    state_since: datetime | None
    reason: str
    sign_in: bool
    receive: bool
    send: bool
    account_status: str
    enabled_service: tuple[str, ...]
    must_change_password: bool
    password_changed_at: datetime | None
    password_expires_at: datetime | None
    password_expired: bool
    last_sign_in: datetime | None
    last_accesses: Mapping[str, datetime]
    leaving: datetime | None
    send_block_at: datetime | None
    revoke_at: datetime | None
    notice_at: datetime | None
    reminders: int
    exempt_until: datetime | None
    if_unused: IfUnused | None
    quota: int | None
    owner: tuple[str, ...]
    delegates: tuple[str, ...]
    absent: tuple[Absent, ...]
    delegate_until: datetime | None
    handovers: tuple[str, ...]
    login: str
    dn: str
    entry_uuid: str
    alias_ends: Mapping[str, datetime] = {}


class Changed(Struct, frozen=True):
    """What a change left, for --json; `password` is the one that was generated, shown this once."""

    dn: str
    mail: str
    state: str
    aliases: tuple[str, ...]
    password: str | None = None


def view_of(local: LocalDirectory, found: Found) -> MailboxView:
    """The mailbox as it is now."""
    attributes = found.attributes
    policy = local.directory.password_rules.policy(attributes)
    password = state_of(attributes)
    usable = usability_of(policy, password, local.directory.clock.now(), is_open=signs_in(attributes))
    services = attributes.texts("enabledService")
    quota = attributes.text("mailQuota") or ""
    record = record_of(local, found.dn)

    def text(name: str) -> str:
        return attributes.text(name) or ""

    def at(name: str) -> datetime | None:
        return moment(attributes.text(name))

    return MailboxView(
        name=name_of(attributes),
        mail=found.mail,
        aliases=attributes.texts("mailLocalAddress"),
        kind=text("gdMailboxKind"),
        body=body_name(local, found.dn),
        position=", ".join(attributes.texts("gdPosition")),
        title=", ".join(attributes.texts("title")),
        rank=text("gdRankClass"),
        phone=", ".join(attributes.texts("telephoneNumber")),
        state=found.state,
        state_since=at("gdStateSince"),
        reason=text("gdStateReason"),
        sign_in=signs_in(attributes),
        receive="deliver" in services,
        send="smtp" in services,
        account_status=text("accountStatus"),
        enabled_service=services,
        must_change_password=usable.must_change,
        password_changed_at=password.changed_at,
        password_expires_at=usable.expires,
        password_expired=usable.expired,
        last_sign_in=None if record is None else local.directory.logins.last_success(record.id),
        last_accesses=last_accesses(local, record),
        leaving=at("gdLeavingAt"),
        send_block_at=at("gdSendBlockAt"),
        revoke_at=at("gdRevokeAt"),
        notice_at=at("gdNoticeAt"),
        reminders=int(text("gdReminderCount") or 0),
        exempt_until=at("gdInactivityExemptUntil"),
        if_unused=None if record is None else if_unused(local, record),
        quota=int(quota) if quota.isdecimal() else None,
        owner=_called(local, attributes.texts("owner")),
        delegates=_called(local, attributes.texts("gdDelegate")),
        absent=tuple(_absent(local, (*attributes.texts("owner"), *attributes.texts("gdDelegate")))),
        delegate_until=at("gdDelegateUntil"),
        handovers=attributes.texts("gdHandoverRecord"),
        login=text("uid"),
        dn=found.dn,
        entry_uuid=text("entryUUID"),
        alias_ends={term.address: term.until.astimezone(PROVINCE_ZONE) for term in terms_of(attributes)},
    )


def last_accesses(local: LocalDirectory, record: Record | None) -> Mapping[str, datetime]:
    """By channel, the latest first."""
    found = {} if record is None else local.run(local.directory.accesses.last(record.id))
    return {
        channel: at.astimezone(PROVINCE_ZONE)
        for channel, at in sorted(found.items(), key=lambda each: each[1], reverse=True)
    }


def facts_of(view: MailboxView) -> Iterator[tuple[str, str | tuple[str, ...]]]:
    """What print_facts shows."""
    since = shown_moment(view.state_since)
    shown: dict[str, str | tuple[str, ...]] = {
        "name": view.name,
        "mail": view.mail,
        "aliases": tuple(_with_end(alias, view) for alias in view.aliases),
        "kind": say_kind(view.kind),
        "body": view.body,
        "position": view.position,
        "title": view.title,
        "rank": view.rank,
        "phone": view.phone,
        "state": say_state(view.state) + (f" ({since})" if since else ""),
        "reason": view.reason,
        "sign_in": say(_YES if view.sign_in else _NO),
        "receive": say(_YES if view.receive else _NO),
        "send": say(_YES if view.send else _NO),
        "services": f"{view.account_status}: {' '.join(view.enabled_service) or '–'}",
        "password": _password(view),
        "last_sign_in": shown_moment(view.last_sign_in) or say(_NEVER),
        "last_accesses": tuple(f"{shown_moment(at)}  {by}" for by, at in view.last_accesses.items()),
        "leaving": shown_moment(view.leaving),
        "send_block_at": shown_moment(view.send_block_at),
        "revoke_at": shown_moment(view.revoke_at),
        "notice_at": shown_moment(view.notice_at),
        "reminders": str(view.reminders) if view.reminders else "",
        "exempt_until": shown_moment(view.exempt_until),
        "if_unused": _unused(view.if_unused),
        "quota": _size(view.quota),
        "owner": _marked(view, view.owner),
        "delegates": _marked(view, view.delegates),
        "delegate_until": shown_moment(view.delegate_until),
        "handovers": view.handovers,
        "login": view.login,
        "dn": view.dn,
    }
    for name, value in shown.items():
        yield say(_LABELS[name]), value


def say_state(state: str) -> str:
    """The state in the reader's language."""
    return say(_STATES[State(state)]) if state in set(State) else state


def say_kind(kind: str) -> str:
    """A value of gdMailboxKind or gdOrgKind in the reader's language."""
    return say(_KINDS[kind]) if kind in _KINDS else kind


def tell_change(
    local: LocalDirectory, dn: str, *, as_json: bool, password: str | None = None, name: str = ""
) -> None:
    """What became of the mailbox at `dn`, and the `password` to show."""
    found = read(local, dn)
    if as_json:
        aliases = found.attributes.texts("mailLocalAddress")
        print_json(Changed(found.dn, found.mail, found.state, aliases, password))
        return
    click.echo(say(_NOW, mail=name or found.called, state=say_state(found.state)))
    print_password(password)


def _called(local: LocalDirectory, dns: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(called_at(local, dn) for dn in dns)


def _absent(local: LocalDirectory, dns: tuple[str, ...]) -> Iterator[Absent]:
    for dn in dns:
        try:
            found = read(local, dn)
        except NoSuchObject:
            continue
        leaving = moment(found.attributes.text("gdLeavingAt"))
        if found.state != State.ACTIVE or leaving is not None:
            yield Absent(found.mail or dn, found.state, leaving)


def _marked(view: MailboxView, addresses: tuple[str, ...]) -> tuple[str, ...]:
    """The addresses, with what keeps somebody from the work."""
    return tuple(_with_mark(address, view.absent) for address in addresses)


def _with_mark(address: str, absent: tuple[Absent, ...]) -> str:
    for each in absent:
        if each.mail == address:
            left = say(_LEAVES, day=shown_moment(each.leaving)) if each.leaving else ""
            state = say_state(each.state) if each.state != State.ACTIVE else ""
            return f"{address} ({', '.join(filter(None, (state, left)))})"
    return address


def called_at(local: LocalDirectory, dn: str) -> str:
    """The address of an entry that another one names, else its DN."""
    try:
        return read(local, dn).mail or dn
    except NoSuchObject:
        return dn


def _with_end(alias: str, view: MailboxView) -> str:
    ends = view.alias_ends.get(alias.lower())
    return alias if ends is None else say(_UNTIL, alias=alias, end=shown_moment(ends))


def _password(view: MailboxView) -> str:
    if view.password_changed_at is None:
        return say(_NONE)
    text = shown_moment(view.password_changed_at)
    if view.password_expires_at is not None:
        wording = _EXPIRED if view.password_expired else _EXPIRES
        text = say(wording, changed=text, expires=shown_moment(view.password_expires_at))
    return f"{text}; {say(_MUST_CHANGE)}" if view.must_change_password else text


def _unused(due: IfUnused | None) -> str:
    return "" if due is None else say(_UNUSED, what=due.what, day=shown_moment(due.at), rule=due.rule)


def _size(octets: int | None) -> str:
    if octets is None:
        return ""
    if octets == 0:
        return say(_UNLIMITED)
    for unit, size in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if octets % size == 0:
            return f"{octets // size} {unit}"
    return f"{octets} B"
