"""`govdir mailbox create`: a person's mailbox, or one for a function such as a help desk."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click
from msgspec import Struct

from govdir.cli.address_reason import Reason, reason_of, remark_reason
from govdir.cli.address_words import remark_aliases
from govdir.cli.asking import make_sure, yes_option
from govdir.cli.changes import Values, add
from govdir.cli.command import command, home_argument, json_option, name_part_options, option
from govdir.cli.language import say
from govdir.cli.local import LocalDirectory, open_directory
from govdir.cli.one_time import asked_for, password_options, print_password
from govdir.cli.org_lookup import find_body
from govdir.cli.outcome import Refused
from govdir.cli.output import print_json, remark
from govdir.cli.people import PERSON_CLASSES, Found, lines, namesakes, read
from govdir.config import load_config
from govdir.directory.entry import Attributes
from govdir.ldap.codec.messages import Attribute
from govdir.mailattrs.names import InvalidPersonName, split
from govdir.mailattrs.places import ROLE
from govdir.mailattrs.states import State
from govdir.policy.kinds import MailboxKind, RankClass
from govdir.policy.texts import Wording
from govdir.schema.dn_text import escape_value

_ROLE_CLASSES = ("applicationProcess", "gdMailbox")

_NAMESAKES = Wording("Đã có người trùng họ tên:", "There are people of that name already:")
_ONE_MORE = Wording("Vẫn cấp hộp thư mới?", "Make another mailbox all the same?")
_ADDRESS_NEEDED = Wording(
    "Địa chỉ của hộp thư chức năng do người quản trị đặt: thêm --mail.",
    "The operator names the address of a function's mailbox: add --mail.",
)
_NAME_NEEDED = Wording(
    "cần --name, hoặc --surname với --given", "--name is needed, or --surname with --given"
)
_PENDING = Wording("Hộp thư chờ duyệt.", "The mailbox waits for approval.")


class Created(Struct, frozen=True):
    """What is printed with --json; `reason` None where a human chose the address."""

    dn: str
    mail: str
    aliases: tuple[str, ...]
    login: str
    state: str
    reason: Reason | None
    password: str | None


@command(
    "create",
    Wording(
        "Cấp hộp thư cho một người ở cơ quan, đơn vị BODY (nhãn, tên, địa chỉ hoặc DN). Địa chỉ do quy "
        "chế đặt; lệnh in ra địa chỉ, căn cứ và các dạng đã bỏ qua. Khi có người trùng họ tên thì hỏi lại.",
        "Gives a person a mailbox in BODY (its label, name, address or DN). The regulation names the "
        "address; printed are the address, its rule and the forms passed over. Asks when somebody has "
        "that name already.",
    ),
    'govdir mailbox create ./home --name "Phạm Thị Thu Hà" --in sonv --position "Trưởng phòng" --rank staff',
    'govdir mailbox create ./home --name "Võ Hoàng Long" --in vanphong.sonv --generate-password',
    'govdir mailbox create ./home --name "Hỗ trợ" --in sonv --kind role --mail helpdesk@cantho.gov.vn',
)
@home_argument
@option("--name", wording=Wording("Họ tên đầy đủ.", "The full name."))
@option("--in", "body", required=True, metavar="BODY", wording=Wording("Cơ quan, đơn vị.", "The body."))
@name_part_options
@option(
    "--kind",
    type=click.Choice([MailboxKind.PERSON.value, MailboxKind.LEADER.value, ROLE]),
    default=MailboxKind.PERSON.value,
    wording=Wording(
        "Loại hộp thư; role là hộp thư theo nhiệm vụ, địa chỉ do --mail đặt.",
        "Whose mailbox it is; role: of a function, whose address --mail names.",
    ),
)
@option("--mail", wording=Wording("Địa chỉ do người quản trị chọn.", "An address that the operator chooses."))
@option("--position", wording=Wording("Chức vụ.", "The post held."))
@option("--title", wording=Wording("Chức danh.", "The title."))
@option(
    "--rank",
    type=click.Choice([each.value for each in RankClass]),
    wording=Wording("Cấp lãnh đạo hay cán bộ, công chức.", "Leader or staff, as the rules on leaving ask."),
)
@option("--phone", wording=Wording("Điện thoại.", "The telephone number."))
@option("--pending", is_flag=True, wording=Wording("Chờ duyệt mới dùng được.", "Begin only when approved."))
@password_options
@yes_option
@json_option
def create(
    *,
    home: Path,
    body: str,
    kind: str,
    name: str | None,
    surname: str | None,
    middle: str | None,
    given: str | None,
    mail: str | None,
    position: str | None,
    title: str | None,
    rank: str | None,
    phone: str | None,
    pending: bool,
    generate_password: bool,
    password_file: Path | None,
    yes: bool,
    as_json: bool,
) -> None:
    """`govdir mailbox create`."""
    if name is None and (surname is None or given is None):
        raise click.UsageError(say(_NAME_NEEDED))
    if kind == ROLE and mail is None:
        raise Refused(say(_ADDRESS_NEEDED))
    stated: dict[str, Values] = {
        "gdMailboxKind": kind,
        "mail": mail,
        "telephoneNumber": phone,
        "gdState": State.PENDING.value if pending else None,
    }
    if kind == ROLE:
        stated |= {"cn": name, "displayName": name}
    else:
        names = {"cn": name, "sn": surname, "gdMiddleName": middle, "givenName": given}
        stated |= names | {"gdPosition": position, "title": title, "gdRankClass": rank}
    with open_directory(load_config(home)) as local:
        place = find_body(local, body)
        if kind != ROLE:
            _ask_about_namesakes(local, (name, surname, middle, given), yes=yes)
        password, shown = asked_for(
            local, _planned(local, stated), generate=generate_password, file=password_file
        )
        stated["userPassword"] = password
        found = read(local, _add(local, place, kind, stated))
        _tell(local, found, password if shown else None, as_json=as_json)


def _add(local: LocalDirectory, place: Found, kind: str, stated: Mapping[str, Values]) -> str:
    if kind != ROLE:
        return add(local, f"uid=*,{place.dn}", PERSON_CLASSES, stated)
    address, name = stated["mail"], stated["cn"]
    cn = escape_value(str(address).partition("@")[0] if address else str(name))
    return add(local, f"cn={cn},{place.dn}", _ROLE_CLASSES, {**stated, "cn": None})


def _planned(local: LocalDirectory, stated: Mapping[str, Values]) -> Attributes:
    """What the rules on passwords look at."""
    values = {name: value for name, value in stated.items() if isinstance(value, str)}
    classes = Attribute("objectClass", tuple(each.encode() for each in ("top", *PERSON_CLASSES)))
    given = (Attribute(name, (value.encode(),)) for name, value in values.items())
    return Attributes.of(local.directory.vocabulary, (classes, *given))


def _ask_about_namesakes(local: LocalDirectory, name: tuple[str | None, ...], *, yes: bool) -> None:
    whole, surname, middle, given = name
    try:
        key = split(whole or "", surname=surname, middle=middle, given=given).key
    except InvalidPersonName:
        return  # the directory says what is wrong with it, and cites the rule
    if others := namesakes(local, key):
        remark(say(_NAMESAKES))
        for line in lines(local, others):
            remark(line)
        make_sure(say(_ONE_MORE), yes=yes)


def _tell(local: LocalDirectory, found: Found, password: str | None, *, as_json: bool) -> None:
    reason, attributes = reason_of(local, found), found.attributes
    aliases = attributes.texts("mailLocalAddress")
    if as_json:
        login = attributes.text("uid") or ""
        print_json(Created(found.dn, found.mail, aliases, login, found.state, reason, password))
        return
    click.echo(found.mail)
    remark(f"  {found.dn}")
    remark_reason(reason)
    remark_aliases(aliases)
    if found.state == State.PENDING:
        remark(say(_PENDING))
    print_password(password)
