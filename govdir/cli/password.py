"""`govdir password`: whether a password meets the regulation, without any directory."""

from __future__ import annotations

import sys

import click
from msgspec import Struct

from govdir.cli.command import Group, Verb, command, json_option, option, province_option
from govdir.cli.language import current_language, say
from govdir.cli.outcome import Refused
from govdir.cli.output import print_json, remark
from govdir.policy.load import load_named
from govdir.policy.model import MailboxKind
from govdir.policy.password_rules import MAXIMUM_PASSWORD_CHARACTERS, NoPassword, PasswordReport, check
from govdir.policy.texts import Wording

password = Group(
    "password",
    Wording("Mật mã có đạt quy chế không.", "Whether a password meets the regulation."),
    ("govdir password check --province cantho --kind person < candidate.txt",),
    {
        "check": Verb(
            "govdir.cli.password:check_password",
            Wording("Cho biết mật mã có đạt quy chế không.", "Tell whether a password meets the regulation."),
        )
    },
)

_PROMPT = Wording("Mật mã cần kiểm tra", "Password to check")
_NOBODY_SIGNS_IN = Wording(
    "Không ai đăng nhập vào hộp thư loại “{kind}”.", 'Nobody signs in to a mailbox of kind "{kind}".'
)
_NOT_UTF8 = Wording("mật mã không phải UTF-8", "the password is not UTF-8")

# Anything longer is refused by its length; no need to read a disk image given by mistake.
_READ_OCTETS = 4 * MAXIMUM_PASSWORD_CHARACTERS + 2


class Answer(Struct, frozen=True):
    """What is printed with --json."""

    accepted: bool
    rules: tuple[dict[str, str | bool], ...]


@command(
    "check",
    Wording(
        "Đọc mật mã từ đầu vào chuẩn (dòng đầu) và in kết luận theo từng quy định, kèm Điều, khoản.\n\n"
        "Mật mã không được lưu lại. Kết thúc với mã 1 khi không đạt.",
        "Reads a password (the first line of standard input) and prints each rule's verdict, cited.\n\n"
        "The password is not kept. Ends with status 1 when a rule is broken.",
    ),
    "printf '%s\\n' 'Sông Hậu 7 nhịp!' | govdir password check --province cantho --kind person",
)
@province_option
@option(
    "--kind",
    required=True,
    type=click.Choice([kind.value for kind in MailboxKind]),
    wording=Wording("Loại hộp thư.", "Whose mailbox it is."),
)
@option(
    "--own",
    multiple=True,
    wording=Wording(
        "Họ tên, địa chỉ, tên cơ quan… mà mật mã không được chứa; dùng được nhiều lần.",
        "A name, address or agency that the password must not be made of; may be repeated.",
    ),
)
@json_option
def check_password(*, province: str, kind: str, own: tuple[str, ...], as_json: bool) -> None:
    """`govdir password check`."""
    pack = load_named(province)
    try:
        report = check(pack, MailboxKind(kind), _candidate(), own)
    except NoPassword:
        raise Refused(say(_NOBODY_SIGNS_IN, kind=kind)) from None
    if as_json:
        print_json(_answer(report))
    else:
        for verdict in report.verdicts:
            click.echo(verdict.line(current_language()))
    if not report.accepted:
        raise Refused(report.text(current_language()))
    remark(report.text(current_language()))


def _candidate() -> str:
    if sys.stdin.isatty():
        return str(click.prompt(say(_PROMPT), hide_input=True, err=True))
    line = sys.stdin.buffer.readline(_READ_OCTETS)
    try:
        return line.removesuffix(b"\n").removesuffix(b"\r").decode()
    except UnicodeDecodeError:
        raise Refused(say(_NOT_UTF8)) from None


def _answer(report: PasswordReport) -> Answer:
    language = current_language()
    return Answer(
        report.accepted,
        tuple(
            {
                "rule": each.rule,
                "passed": each.passed,
                "text": each.text.in_language(language),
                "citation": each.citation.place,
            }
            for each in report.verdicts
        ),
    )
