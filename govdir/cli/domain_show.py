"""`govdir domain list` and `show`."""

from __future__ import annotations

from pathlib import Path

from govdir.cli.command import command, home_argument, json_option
from govdir.cli.domain_view import DomainView, domain_argument, facts_of, find_view, views
from govdir.cli.language import say
from govdir.cli.local import open_directory
from govdir.cli.output import print_json, remark
from govdir.cli.table import print_facts, print_table
from govdir.config import load_config
from govdir.policy.texts import Wording

_HEAD = (
    Wording("Tên miền", "Domain"),
    Wording("Tên miền thay cho nó", "Domains that stand for it"),
    Wording("Của", "Of"),
    Wording("Số địa chỉ", "Addresses"),
)
_UNNAMED = Wording(
    "Máy chủ thư không nhận thư của {domain}, dù có {count} địa chỉ ở đó; thêm bằng “govdir domain add … "
    "{domain}”.",
    "Mail servers take no mail for {domain}, though there {count:is|are} {count} {count:address|addresses} "
    "in it; "
    'add it by "govdir domain add … {domain}".',
)
_NONE = Wording("Danh bạ chưa có tên miền thư nào.", "The directory has no mail domain yet.")


@command(
    "list",
    Wording(
        "Liệt kê các tên miền mà máy chủ thư nhận thư, những tên miền thay cho chúng, và số địa chỉ.",
        "Lists the domains that mail servers take mail for, those that stand for them, and how many "
        "addresses there are.",
    ),
    "govdir domain list ./home",
)
@home_argument
@json_option
def domain_list(*, home: Path, as_json: bool) -> None:
    """`govdir domain list`."""
    with open_directory(load_config(home)) as local:
        found = views(local)
    if as_json:
        print_json(found)
        return
    if not found:
        remark(say(_NONE))
        return
    print_table([tuple(map(say, _HEAD)), *map(_row, found)])
    _remark_unnamed(found)


@command(
    "show",
    Wording(
        "Xem tên miền DOMAIN, những tên miền thay cho nó, và những địa chỉ ở các tên miền ấy đã cấp riêng "
        "cho ai.",
        "Shows DOMAIN, those that stand for it, and which of their addresses somebody holds himself.",
    ),
    "govdir domain show ./home cantho.gov.vn",
)
@home_argument
@domain_argument("domain")
@json_option
def show(*, home: Path, domain: str, as_json: bool) -> None:
    """`govdir domain show`."""
    with open_directory(load_config(home)) as local:
        view = find_view(local, domain)
    if as_json:
        print_json(view)
        return
    print_facts(facts_of(view))
    _remark_unnamed([view])


def _row(view: DomainView) -> tuple[str, ...]:
    return view.domain, ", ".join(view.aliases), ", ".join(view.bodies), str(view.addresses)


def _remark_unnamed(found: list[DomainView]) -> None:
    for view in found:
        if not view.named:
            remark(say(_UNNAMED, domain=view.domain, count=view.addresses))
