"""`govdir policy ask`."""

from __future__ import annotations

from pathlib import Path

import click
from msgspec import Struct

from govdir.cli.command import command, home_argument, json_option, option
from govdir.cli.language import current_language, say
from govdir.cli.local import LocalDirectory, open_directory
from govdir.cli.outcome import Refused
from govdir.cli.output import print_json
from govdir.config import Config, load_config
from govdir.mailattrs.sending import Message, Sending, Verdict
from govdir.mailservers.networks import Networks
from govdir.mailservers.policy_answers import NO_OPINION, refusal, warning
from govdir.policy.texts import Wording

_PASSES = Wording("Được gửi: {why}", "May be sent: {why}")
_REFUSED = Wording("KHÔNG được gửi: {why}", "May NOT be sent: {why}")
_WARNED = Wording("Không được phép: {why}", "Against the rules: {why}")
_CITED = Wording("Căn cứ: {citation}", "By: {citation}")
_RULE = Wording("Quy tắc: {rule}", "Rule: {rule}")
_ANSWER = Wording("Máy chủ thư được trả lời: {action}", "The mail server is told: {action}")
_WARN_ONLY = Wording(
    "mail_servers.policy_mode là “warn”: thư vẫn được nhận, chỉ ghi vào nhật ký.",
    'mail_servers.policy_mode is "warn": the message is taken all the same, and only logged.',
)
_RELAY = Wording(
    "{client} thuộc mail_servers.trusted_relays: người gửi ghi trên thư được tin.",
    "{client} is among mail_servers.trusted_relays: its senders are believed.",
)
_NO_RELAY = Wording(
    "Không có --login và --client không thuộc mail_servers.trusted_relays: xét như thư từ bên ngoài.",
    "Without --login, and with no --client among mail_servers.trusted_relays: judged as mail from outside.",
)
_NOTHING = Wording("hãy ghi --login, --sender hoặc --recipient", "give --login, --sender or --recipient")


class Answer(Struct, frozen=True):
    """What --json prints; `limit_bytes` is the recipient's, None where there is none or no recipient."""

    passes: bool
    rule: str
    why: str
    citation: str
    action: str
    mode: str
    limit_bytes: int | None


@command(
    "ask",
    Wording(
        "Trả lời như dịch vụ cho Postfix: thư này có được gửi không, theo quy định nào; không thì kết thúc "
        "với mã 1. Không cần máy chủ đang chạy.",
        "Answers as the service for Postfix would: whether this message may be sent, and by which rule; ends "
        "with status 1 if not. No server need be running.",
    ),
    "govdir policy ask ./home --login nvminh --sender sonv@cantho.gov.vn",
    "govdir policy ask ./home --login nvminh --recipient canbo.sonv@cantho.gov.vn --size 30000000",
)
@home_argument
@option(
    "--login",
    default="",
    metavar="NAME",
    wording=Wording(
        "Tài khoản đã đăng nhập để gửi (địa chỉ hoặc uid).",
        "Who has signed in to send (an address or a uid).",
    ),
)
@option(
    "--sender",
    metavar="ADDRESS",
    wording=Wording(
        "Người gửi trên phong bì (MAIL FROM); mặc định là --login.",
        "The envelope's sender (MAIL FROM); that of --login by default.",
    ),
)
@option(
    "--recipient",
    default="",
    metavar="ADDRESS",
    wording=Wording("Người nhận (RCPT TO).", "The recipient (RCPT TO)."),
)
@option(
    "--size",
    type=click.IntRange(0),
    default=0,
    wording=Wording("Số byte của cả thư; 0: chưa biết.", "Bytes of the whole message; 0: not known."),
)
@option(
    "--client",
    default="",
    metavar="ADDRESS",
    wording=Wording("Địa chỉ IP của máy gửi thư đến.", "The IP address of the host that hands the mail in."),
)
@json_option
def ask(
    *, home: Path, login: str, sender: str | None, recipient: str, size: int, client: str, as_json: bool
) -> None:
    """`govdir policy ask`."""
    if not (login or sender or recipient):
        raise click.UsageError(say(_NOTHING))
    config = load_config(home)
    believed = Networks(config.mail_servers.trusted_relays).holds(client)
    with open_directory(config) as local:
        message = Message(
            login=login,
            sender=_own_address(local, login) if sender is None else sender,
            recipient=recipient,
            size=size,
            believed=believed,
        )
        verdict = Sending(local.directory, local.core.pack).decide(message)
    if as_json:
        print_json(_answer(verdict, config))
    if not login:
        shown = _RELAY if believed else _NO_RELAY
        click.echo(say(shown, client=client), err=True)
    lines = _lines(verdict, config)
    if not verdict.passes and config.mail_servers.policy_mode == "enforce":
        raise Refused(*lines)
    if not as_json:
        for line in lines:
            click.echo(line)


def _own_address(local: LocalDirectory, login: str) -> str:
    """The address of the account itself: what its mail program sends under unless it is told otherwise."""
    record = Sending(local.directory, local.core.pack).account(login) if login else None
    mail = None if record is None else record.shape.attributes(record.body).text("mail")
    return mail or ""


def _action(verdict: Verdict, config: Config) -> str:
    if verdict.passes:
        return NO_OPINION
    return refusal(verdict) if config.mail_servers.policy_mode == "enforce" else warning(verdict)


def _answer(verdict: Verdict, config: Config) -> Answer:
    language = current_language()
    return Answer(
        passes=verdict.passes,
        rule=verdict.rule,
        why=verdict.why.in_language(language),
        citation="" if verdict.citation is None else verdict.citation.text(language),
        action=_action(verdict, config),
        mode=config.mail_servers.policy_mode,
        limit_bytes=None if verdict.limit is None else verdict.limit.octets,
    )


def _lines(verdict: Verdict, config: Config) -> list[str]:
    """The verdict for a person to read."""
    enforced = config.mail_servers.policy_mode == "enforce"
    first = _PASSES if verdict.passes else _REFUSED if enforced else _WARNED
    lines = [say(first, why=verdict.why)]
    if verdict.citation is not None:
        lines.append(say(_CITED, citation=verdict.citation.text(current_language())))
    lines += [say(_RULE, rule=verdict.rule), say(_ANSWER, action=_action(verdict, config))]
    if not verdict.passes and not enforced:
        lines.append(say(_WARN_ONLY))
    return lines
