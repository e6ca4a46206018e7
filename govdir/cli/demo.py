"""`govdir demo`: what `make run` shows, a province on this machine's loopback."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from random import SystemRandom

import click
import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from govdir.cli.command import command, option, province_option
from govdir.cli.demo_accounts import ACCOUNTS_FILE, Account, Accounts, make_accounts
from govdir.cli.demo_applications import (
    Application,
    application_options,
    application_sockets,
    prepare,
    running,
)
from govdir.cli.demo_browser import SITE, browser_tries, site_url
from govdir.cli.demo_tries import foresee, things_to_try
from govdir.cli.fill import check_sample, fill
from govdir.cli.home import check_new, new_home
from govdir.cli.init import new_config
from govdir.cli.language import current_language, say
from govdir.cli.local import LocalDirectory, open_directory
from govdir.cli.outcome import EnvironmentTrouble, Refused
from govdir.cli.output import remark
from govdir.cli.people import record_of
from govdir.cli.private_files import replacing_private
from govdir.cli.serve import announce, listen_options, listening, run_server
from govdir.cli.trouble import told_as_trouble
from govdir.config import CONFIG_FILE, Config, LogSettings, load_config
from govdir.config_kinds import Endpoint
from govdir.directory.errors import DirectoryError
from govdir.key_files import settle_sso_files
from govdir.listening import Listening, close_sockets, open_sockets, urls
from govdir.policy.load import load_province
from govdir.policy.model import MailboxKind, Pack
from govdir.policy.password_rules import generate_password
from govdir.policy.texts import Wording
from govdir.sample.bodies import lay_out
from govdir.sample.province import load_province as load_sample
from govdir.showcase.setup import TITLES

MAILBOXES = 1000
"""About so many there are, those of bodies included."""

SIGN_INS = "log/sign-ins.jsonl"

LEAST_PEOPLE = 400
"""So many people there are however many mailboxes the bodies have."""

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
_RENEWING = Wording(
    "Bổ sung tài khoản còn thiếu trong {file}; dữ liệu được giữ nguyên.",
    "Adding the accounts that {file} lacks; the data is kept.",
)
_IN_BROWSER = Wording("Để thử trong trình duyệt:", "To try in a browser:")
_TRIES = Wording(
    "Để thử ở một cửa sổ khác, bằng các lệnh của OpenLDAP (Debian: apt install ldap-utils):",
    "To try in another terminal, with OpenLDAP's commands (Debian: apt install ldap-utils):",
)
_OLD_HOME = Wording(
    "không dùng được bản trình diễn của phiên bản khác ở {home}",
    "the demonstration of another version in {home} cannot be used",
)
_OLD_HOME_MEND = Wording("xóa thư mục {home} rồi chạy lại.", "remove the folder {home} and start again.")


@command(
    "demo",
    Wording(
        "Chạy bản trình diễn trên máy này: lần đầu tạo danh bạ mẫu trong DIR (khoảng 1.000 hộp thư), "
        "các lần sau giữ dữ liệu, kể cả khi dùng bản mới. In địa chỉ, tài khoản mẫu và những "
        "việc để thử. Ctrl-C để dừng.",
        "Runs the demonstration on this machine: the first start makes a sample directory in DIR (about "
        "1,000 mailboxes), later ones keep its data, after an upgrade too. Prints addresses, accounts and "
        "things to try.",
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
@application_options
def demo(
    *,
    province: str,
    home: Path,
    ldap: tuple[Endpoint, ...],
    ldaps: tuple[Endpoint, ...],
    web: tuple[Endpoint, ...],
    policy: tuple[Endpoint, ...],
    portal: Endpoint,
    documents: Endpoint,
) -> None:
    """`govdir demo`."""
    first = not (home / CONFIG_FILE).exists()
    pack = load_province(province)
    check_sample(province)
    config = demo_config(home, pack) if first else _quiet(load_config(home))
    with ExitStack() as stack:
        with told_as_trouble(home):
            sockets = open_sockets(listening(config, ldap, ldaps, web, policy))
            stack.callback(close_sockets, sockets)
            others = stack.enter_context(application_sockets(portal, documents))
        if first:
            remark(say(_FILLING, name=pack.name))
            make_demo(config, pack, people_beside_bodies(pack))
        with told_as_trouble(home):
            settle_sso_files(config)
        with open_directory(config) as local:
            accounts = read_accounts(local)
            namesake = foresee(local, accounts)
            applications = prepare(local, sockets, others)
        tries = list(things_to_try(config, pack, sockets, accounts, namesake))
        shown = _Shown(config, pack, sockets, accounts, tries, applications)
        stack.enter_context(running(config, applications))
        run_server(config, sockets, shown.print)


def demo_config(home: Path, pack: Pack) -> Config:
    """Defaults, with the logs out of the way of what is printed."""
    logs = LogSettings(access="log/access.jsonl", events="log/events.jsonl", sign_ins=SIGN_INS)
    return replace(new_config(home, pack), log=logs)


def _quiet(config: Config) -> Config:
    """A home from before there was a log of sign-ins has that on the terminal, by default."""
    if config.log.sign_ins != "-":
        return config
    return replace(config, log=replace(config.log, sign_ins=SIGN_INS))


def people_beside_bodies(pack: Pack) -> int:
    """How many people make up the mailboxes, with those of the province's bodies."""
    of_bodies = sum(1 for body in lay_out(load_sample(pack.province), pack) if body.address)
    return max(LEAST_PEOPLE, MAILBOXES - of_bodies)


def make_demo(config: Config, pack: Pack, people: int) -> None:
    """A home with sample data and accounts whose passwords are in its accounts.json."""
    check_new(config.home)
    password = generate_password(pack, MailboxKind.AGENCY, SystemRandom())
    with new_home(config, pack, password) as local:
        fill(local, people)
        _write_accounts(local, make_accounts(local, password))


def read_accounts(local: LocalDirectory) -> Accounts:
    """The accounts that were made with the demonstration; those that an earlier version did not know, and
    those that are gone, are made now. Raises EnvironmentTrouble.
    """
    file = local.core.config.path(ACCOUNTS_FILE)
    text = file.read_bytes() if file.exists() else b""
    try:
        return msgspec.json.decode(text, type=Accounts)
    except msgspec.DecodeError:
        remark(say(_RENEWING, file=file))
    try:
        accounts = _completed(local, _kept(local, text))
    except (Refused, DirectoryError) as error:
        home = local.core.config.home
        raise EnvironmentTrouble(say(_OLD_HOME, home=home), say(_OLD_HOME_MEND, home=home)) from error
    _write_accounts(local, accounts)
    return accounts


def _kept(local: LocalDirectory, text: bytes) -> dict[str, Account]:
    """What can be read of accounts.json, as far as the directory has it."""
    try:
        raw = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    except msgspec.DecodeError:
        return {}
    kept: dict[str, Account] = {}
    for name, each in raw.items():
        with suppress(msgspec.DecodeError):
            account = msgspec.json.decode(each, type=Account)
            if record_of(local, account.dn) is not None:
                kept[name] = account
    return kept


def _completed(local: LocalDirectory, kept: dict[str, Account]) -> Accounts:
    admin = kept.pop("admin", None)
    if admin is None:
        return make_accounts(local, local.set_password(local.core.config.admin_dn), kept)
    return make_accounts(local, admin.password, kept)


def _write_accounts(local: LocalDirectory, accounts: Accounts) -> None:
    text = msgspec.json.format(msgspec.json.encode(accounts), indent=2)
    with replacing_private(local.core.config.path(ACCOUNTS_FILE)) as file:
        file.write(text + b"\n")


@dataclass(frozen=True, slots=True)
class _Shown:
    """What is printed when all is ready."""

    config: Config
    pack: Pack
    sockets: Sequence[Listening]
    accounts: Accounts
    tries: Sequence[tuple[str, str]]
    applications: Sequence[Application]

    def print(self) -> None:
        """On standard output, and that it is ready on standard error."""
        console = Console(soft_wrap=True, highlight=False)
        config, site = self.config, site_url(self.sockets)
        console.print(say(_TITLE, name=self.pack.name), style="bold")
        console.print(self._facts(site))
        console.print(f"\n{say(_ACCOUNTS)}", style="bold")
        for each in self.accounts.all():  # whole names on lines of their own, to be copied
            console.print(f"{escape(each.about)}\n    {escape(each.dn)}\n    {escape(each.password)}")
        console.print(say(_SAVED, file=config.home / ACCOUNTS_FILE))
        if self.applications:
            console.print(f"\n{say(_IN_BROWSER)}", style="bold")
            authority = config.path(config.tls.authority)
            for line in browser_tries(site, authority, self.applications, self.accounts):
                console.print(f"- {escape(line)}")
        console.print(f"\n{say(_TRIES)}", style="bold")
        for number, (title, lines) in enumerate(self.tries, start=1):
            console.print(f"\n{number}. {escape(title)}", style="bold")
            console.print(escape(lines), soft_wrap=True)
        announce(self.sockets)

    def _facts(self, site: str) -> Table:
        config, language = self.config, current_language()
        facts = Table.grid(padding=(0, 2))
        facts.add_row(say(_ADDRESSES), urls(self.sockets))
        if site:
            facts.add_row(say(SITE), site)
        for each in self.applications:
            facts.add_row(TITLES[each.setup.kind].in_language(language), each.setup.url)
        facts.add_row(say(_AUTHORITY), str(config.path(config.tls.authority)))
        facts.add_row(say(_LOGS), str(config.path(config.log.access).parent))
        return facts
