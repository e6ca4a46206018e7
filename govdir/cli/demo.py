"""`govdir demo`: what `make run` shows, a province on this machine's loopback."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import SystemRandom

import click
import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from govdir.cli.command import command, option, province_option
from govdir.cli.demo_accounts import ACCOUNTS_FILE, Account, Accounts, make_accounts
from govdir.cli.fill import check_sample, fill
from govdir.cli.home import check_new, new_home
from govdir.cli.init import new_config
from govdir.cli.language import say
from govdir.cli.output import remark
from govdir.cli.private_files import write_private
from govdir.cli.serve import announce, listen_options, listening, run_server
from govdir.cli.trouble import told_as_trouble
from govdir.config import CONFIG_FILE, Config, Endpoint, LogSettings, load_config
from govdir.listening import Listening, close_sockets, open_sockets, urls
from govdir.policy.load import load_province
from govdir.policy.model import MailboxKind, Pack
from govdir.policy.password_rules import generate_password
from govdir.policy.texts import Wording

# With the mailboxes of its 370 bodies and lists, Cần Thơ comes to a thousand.
PEOPLE = 640

_FILLING = Wording("Đang tạo danh bạ mẫu của {name}…", "Making the sample directory of {name}…")
_TITLE = Wording("govdir: danh bạ thư điện tử {name}", "govdir: the mail directory of {name}")
_ADDRESSES = Wording("Địa chỉ", "Addresses")
_AUTHORITY = Wording("Chứng thư gốc", "Authority's certificate")
_LOGS = Wording("Nhật ký", "Logs")
_ACCOUNTS = Wording(
    "Tài khoản để thử (tên đăng nhập, mật mã)", "Accounts to try (name to log in with, password)"
)
_SAVED = Wording(
    "Các mật mã này cũng ở {file}. Ctrl-C để dừng.", "These passwords are also in {file}. Ctrl-C stops."
)
_LOOK_UP = Wording("1. Máy chủ thư tra một địa chỉ:", "1. A mail server looks an address up:")
_BROWSE = Wording(
    "2. Một cán bộ tìm đồng nghiệp trong danh bạ:", "2. A member of staff searches the address book:"
)
_ADD = Wording(
    "3. Thêm một Nguyễn Văn Minh thứ tư: bị từ chối, kèm Điều 4 và gợi ý; tên khác thì được cấp địa chỉ:",
    "3. Add a fourth Nguyễn Văn Minh: refused, citing Điều 4, with a hint; another name gets its address:",
)


@command(
    "demo",
    Wording(
        "Chạy bản trình diễn trên máy này: lần đầu tạo danh bạ mẫu trong DIR (khoảng 1.000 hộp thư), "
        "các lần sau giữ dữ liệu. In địa chỉ, tài khoản mẫu và ba việc để thử. Ctrl-C để dừng.",
        "Runs the demonstration on this machine: the first start makes a sample directory in DIR (about "
        "1,000 mailboxes), later ones keep its data. Prints addresses, accounts and three things to try.",
    ),
    "govdir demo --province cantho --home var/demo/cantho",
)
@province_option
@option(
    "--home",
    required=True,
    metavar="DIR",
    type=click.Path(path_type=Path),
    wording=Wording("Thư mục của bản trình diễn.", "The demonstration's folder."),
)
@listen_options
def demo(*, province: str, home: Path, ldap: tuple[Endpoint, ...], ldaps: tuple[Endpoint, ...]) -> None:
    """`govdir demo`."""
    first = not (home / CONFIG_FILE).exists()
    pack = load_province(province)
    config = demo_config(home, pack) if first else load_config(home)
    with told_as_trouble(home):
        sockets = open_sockets(listening(config, ldap, ldaps))
    try:
        if first:
            check_sample(province)
            remark(say(_FILLING, name=pack.name))
            make_demo(config, pack)
        accounts = msgspec.json.decode((home / ACCOUNTS_FILE).read_bytes(), type=Accounts)
        run_server(config, sockets, lambda: _show(config, pack, sockets, accounts))
    finally:
        close_sockets(sockets)


def demo_config(home: Path, pack: Pack) -> Config:
    """Defaults, with the logs out of the way of what is printed."""
    logs = LogSettings(access="log/access.jsonl", events="log/events.jsonl")
    return replace(new_config(home, pack), log=logs)


def make_demo(config: Config, pack: Pack, people: int = PEOPLE) -> None:
    """A home with sample data and accounts whose passwords are in its accounts.json."""
    check_new(config.home)
    password = generate_password(pack, MailboxKind.AGENCY, SystemRandom())
    with new_home(config, pack, password) as local:
        fill(local, people)
        accounts = make_accounts(local, password)
        text = msgspec.json.format(msgspec.json.encode(accounts), indent=2)
        write_private(local.core.config.path(ACCOUNTS_FILE), text + b"\n")


def _show(config: Config, pack: Pack, sockets: Sequence[Listening], accounts: Accounts) -> None:
    console = Console(soft_wrap=True, highlight=False)
    facts = Table.grid(padding=(0, 2))
    facts.add_row(say(_ADDRESSES), urls(sockets))
    facts.add_row(say(_AUTHORITY), str(config.path(config.tls.authority)))
    facts.add_row(say(_LOGS), str(config.path(config.log.access)))
    console.print(say(_TITLE, name=pack.name), style="bold")
    console.print(facts)
    console.print(f"\n{say(_ACCOUNTS)}", style="bold")
    for each in accounts.all():  # whole names on lines of their own, to be copied
        console.print(f"{escape(each.about)}\n    {escape(each.dn)}\n    {escape(each.password)}")
    console.print(say(_SAVED, file=config.home / ACCOUNTS_FILE))
    for title, lines in things_to_try(config, sockets, accounts):
        console.print(f"\n{title}", style="bold")
        console.print(escape(lines), soft_wrap=True)
    announce(sockets)


def things_to_try(
    config: Config, sockets: Sequence[Listening], accounts: Accounts
) -> Iterator[tuple[str, str]]:
    """(what it shows, the exact command lines) with OpenLDAP's clients."""
    plain = next((each for each in sockets if not each.tls), None)
    where = f"-ZZ -H ldap://localhost:{plain.endpoint.port}" if plain else f"-H {sockets[0].url}"
    trusted = f"LDAPTLS_CACERT={shlex.quote(str(config.path(config.tls.authority)))}"
    suffix = config.suffix

    def client(program: str, account: Account, rest: str) -> str:
        return f"{trusted} {program} {where} -D '{account.dn}' -w '{account.password}' {rest}"

    looked_up = f"-LLL -b '{suffix}' '(mail={accounts.person.mail})' mail mailLocalAddress mailQuota"
    yield say(_LOOK_UP), client("ldapsearch", accounts.mail, looked_up)
    browsed = f"-LLL -b 'ou=orgs,{suffix}' '(cn=*minh*)' cn title mail telephoneNumber"
    yield say(_BROWSE), client("ldapsearch", accounts.person, browsed)
    place = accounts.agency_admin.dn.partition(",")[2]
    added = (
        f"dn: uid=*,{place}\nobjectClass: inetOrgPerson\nobjectClass: gdPerson\nobjectClass: gdMailbox\n"
        "cn: Nguyễn Văn Minh\nsn: Nguyễn\n"
    )
    yield say(_ADD), client("ldapadd", accounts.admin, f"<<'LDIF'\n{added}LDIF")
