"""`govdir domain add`, `alias add` and `alias remove`."""

from __future__ import annotations

from pathlib import Path

from govdir.cli.asking import make_sure, yes_option
from govdir.cli.base_tree import CONTAINERS, domain_entry
from govdir.cli.changes import add, also, modify, without
from govdir.cli.command import Group, Verb, command, home_argument, json_option
from govdir.cli.domain_view import DomainView, domain_argument, entry_of, facts_of, find_view
from govdir.cli.language import say
from govdir.cli.local import LocalDirectory, open_directory
from govdir.cli.outcome import Refused
from govdir.cli.output import print_json, remark
from govdir.cli.people import record_of
from govdir.cli.table import print_facts
from govdir.config import load_config
from govdir.policy.texts import Wording

alias = Group(
    "alias",
    Wording("Tên miền thay cho tên miền khác.", "Domains that stand for others."),
    ("govdir domain alias add ./home cantho.gov.vn haugiang.gov.vn",),
    {
        "add": Verb(
            "govdir.cli.domain_change:alias_add",
            Wording("Cho một tên miền thay cho tên miền khác.", "Let a domain stand for another."),
        ),
        "remove": Verb(
            "govdir.cli.domain_change:alias_remove",
            Wording("Thôi thay cho tên miền khác.", "Let it stand for another no more."),
        ),
    },
)

_THERE = Wording("Danh bạ đã có tên miền {domain}.", "The directory has the domain {domain} already.")
_NOT_ALIAS = Wording(
    "{alias} không thay cho {domain}; thay cho nó có: {aliases}.",
    "{alias} does not stand for {domain}; what does: {aliases}.",
)
_NONE = Wording("không có tên miền nào", "none")
_SURE = Wording(
    "Thôi nhận thư của {alias}? Thư gửi đến mọi địa chỉ ở tên miền đó sẽ bị trả lại.",
    "Take no more mail for {alias}? Mail to every address of that domain will come back.",
)
_NEXT = Wording(
    "Máy chủ thư nhận ngay; hãy trỏ MX của {domain} về máy chủ thư và ký DKIM cho tên miền đó.",
    "Mail servers take its mail at once; point the MX of {domain} at them, and sign its mail (DKIM).",
)
_KEPT = Wording(
    "{count} địa chỉ ở {domain} đã cấp riêng và vẫn của người đang giữ; “govdir domain show” liệt kê.",
    "{count} {count:address|addresses} of {domain} {count:is|are} held by somebody and {count:stays|stay} "
    "so; "
    '"govdir domain show" lists them.',
)


@command(
    "add",
    Wording(
        "Thêm tên miền DOMAIN mà máy chủ thư nhận thư, ngoài tên miền theo quy chế: địa chỉ ở đó cấp cho "
        "từng hộp thư làm bí danh. Cho cả một tên miền thay cho tên miền khác: “govdir domain alias add”.",
        "Adds DOMAIN, which mail servers take mail for beside the regulation's own: its addresses are given "
        "to "
        'single mailboxes as aliases. For a whole domain that stands for another: "govdir domain alias add".',
    ),
    "govdir domain add ./home hoinghi.gov.vn",
)
@home_argument
@domain_argument("domain")
@json_option
def add_domain(*, home: Path, domain: str, as_json: bool) -> None:
    """`govdir domain add`."""
    with open_directory(load_config(home)) as local:
        new_container = _make_container(local)
        if not (new_container and domain == local.core.config.mail_domain):
            if entry_of(local, domain):
                raise Refused(say(_THERE, domain=domain))
            local.run(local.handle.add(domain_entry(local.core.config.suffix, domain)))
        _tell(find_view(local, domain), as_json=as_json)
    remark(say(_NEXT, domain=domain))


@command(
    "add",
    Wording(
        "Cho tên miền ALIAS thay cho DOMAIN: mọi địa chỉ ở DOMAIN, cả những địa chỉ cấp sau này, nhận thư và "
        "đăng nhập được dưới tên ALIAS; như khi sáp nhập tỉnh. Địa chỉ ở ALIAS đã cấp riêng cho ai thì vẫn "
        "của người ấy.",
        "Lets ALIAS stand for DOMAIN: every address in DOMAIN, and those given later, receives and signs in "
        "under ALIAS too, as after a merger of provinces. An address of ALIAS that somebody holds himself "
        "stays his.",
    ),
    "govdir domain alias add ./home cantho.gov.vn haugiang.gov.vn",
)
@home_argument
@domain_argument("domain")
@domain_argument("alias")
@json_option
def alias_add(*, home: Path, domain: str, alias: str, as_json: bool) -> None:
    """`govdir domain alias add`."""
    with open_directory(load_config(home)) as local:
        _make_container(local)
        dn = find_view(local, domain).dn
        if not dn:
            dn = local.run(local.handle.add(domain_entry(local.core.config.suffix, domain))).dn
        modify(local, dn, also("gdDomainAlias", alias))
        view = find_view(local, domain)
        _tell(view, as_json=as_json)
    kept = sum(address.endswith(f"@{alias}") for address in view.kept)
    if kept:
        remark(say(_KEPT, count=kept, domain=alias))
    remark(say(_NEXT, domain=alias))


@command(
    "remove",
    Wording(
        "Thôi cho ALIAS thay cho DOMAIN: thư gửi đến ALIAS không còn được nhận, trừ địa chỉ đã cấp riêng.",
        "Lets ALIAS stand for DOMAIN no more: mail to ALIAS is taken no longer.",
    ),
    "govdir domain alias remove ./home cantho.gov.vn haugiang.gov.vn --yes",
)
@home_argument
@domain_argument("domain")
@domain_argument("alias")
@yes_option
@json_option
def alias_remove(*, home: Path, domain: str, alias: str, yes: bool, as_json: bool) -> None:
    """`govdir domain alias remove`."""
    with open_directory(load_config(home)) as local:
        view = find_view(local, domain)
        if alias not in view.aliases:
            there = ", ".join(view.aliases) or say(_NONE)
            raise Refused(say(_NOT_ALIAS, alias=alias, domain=domain, aliases=there))
        make_sure(say(_SURE, alias=alias), yes=yes)
        modify(local, view.dn, without("gdDomainAlias", alias))
        _tell(find_view(local, domain), as_json=as_json)


def _make_container(local: LocalDirectory) -> bool:
    """What homes made by earlier releases lack: ou=domains with the system's own domain; whether it did."""
    suffix = local.core.config.suffix
    dn = f"ou=domains,{suffix}"
    if record_of(local, dn) is not None:
        return False
    add(local, dn, ("organizationalUnit",), {"ou": "domains", "description": CONTAINERS["domains"]})
    local.run(local.handle.add(domain_entry(suffix, local.core.config.mail_domain)))
    return True


def _tell(view: DomainView, *, as_json: bool) -> None:
    print_json(view) if as_json else print_facts(facts_of(view))
