"""`govdir serve`: the server."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import cast

import click
from twisted.internet.posixbase import PosixReactorBase

from govdir.app import Application
from govdir.cli.command import Function, command, home_argument, option
from govdir.cli.language import say
from govdir.cli.outcome import EnvironmentTrouble
from govdir.cli.output import remark
from govdir.cli.service_notify import notify
from govdir.cli.trouble import told_as_trouble
from govdir.cli.workers import run_workers
from govdir.config import Config, ListenSettings, load_config
from govdir.config_kinds import Endpoint
from govdir.key_files import settle_sso_files
from govdir.ldap.server.tls_files import TlsFilesError
from govdir.listening import Listening, Service, close_sockets, open_sockets, urls
from govdir.policy.texts import Wording

READY = Wording("govdir đã sẵn sàng: {urls}", "govdir is ready: {urls}")
_TLS = Wording("không dùng được chứng thư: {reason}", "the certificate cannot be used: {reason}")
_TLS_MEND = Wording("xem [tls] trong govdir.toml.", "see [tls] in govdir.toml.")
_ADDRESS = Wording("“{text}” không phải ĐỊA_CHỈ:CỔNG", '"{text}" is not ADDRESS:PORT')


def _endpoints(
    _context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]
) -> tuple[Endpoint, ...]:
    try:
        return tuple(Endpoint.parse(value) for value in values)
    except ValueError as error:
        raise click.BadParameter(say(_ADDRESS, text=error)) from None


def endpoint(_context: click.Context, _parameter: click.Parameter, value: str) -> Endpoint:
    """The callback of an option that takes one end point."""
    try:
        return Endpoint.parse(value)
    except ValueError as error:
        raise click.BadParameter(say(_ADDRESS, text=error)) from None


def listen_options(function: Function) -> Function:
    """Decorates a function with `--ldap`, `--ldaps`, `--web` and `--policy`, tuples of Endpoint."""
    ldap = Wording(
        "Nghe LDAP ở đây, thay cho cấu hình.", "Listen for LDAP here, in place of the configuration."
    )
    ldaps = Wording("Nghe LDAPS ở đây, thay cho cấu hình.", "Listen for LDAPS here, likewise.")
    web = Wording(
        "Nghe trang web và SAML ở đây, thay cho cấu hình.", "Serve the web site and SAML here, likewise."
    )
    policy = Wording(
        "Trả lời Postfix (check_policy_service) ở đây, thay cho cấu hình.",
        "Answer Postfix (check_policy_service) here, likewise.",
    )
    for name, wording in (("--policy", policy), ("--web", web), ("--ldaps", ldaps), ("--ldap", ldap)):
        function = option(name, multiple=True, callback=_endpoints, metavar="A:P", wording=wording)(function)
    return function


def listening(
    config: Config,
    ldap: Sequence[Endpoint],
    ldaps: Sequence[Endpoint],
    web: Sequence[Endpoint],
    policy: Sequence[Endpoint],
) -> ListenSettings:
    """Where to listen: as asked for, else as configured."""
    configured = config.listen
    return ListenSettings(
        ldap=tuple(ldap) or configured.ldap,
        ldaps=tuple(ldaps) or configured.ldaps,
        web=tuple(web) or configured.web,
        policy=tuple(policy) or configured.policy,
    )


@command(
    "serve",
    Wording(
        "Chạy máy chủ LDAP của danh bạ HOME ở tiền cảnh.\n\n"
        "SIGTERM: làm xong việc đang dở rồi dừng. SIGHUP: đọc lại chứng thư, mở lại tệp nhật ký.",
        "Runs the LDAP server of the directory HOME in the foreground.\n\n"
        "SIGTERM finishes what is in flight and stops. SIGHUP re-reads certificates and re-opens log files.",
    ),
    "govdir serve ./home --ldap 0.0.0.0:389 --ldaps 0.0.0.0:636 --web 0.0.0.0:443",
)
@home_argument
@listen_options
@option(
    "--workers",
    type=click.IntRange(1, 64),
    wording=Wording("Số tiến trình dùng chung các cổng.", "Processes that share the listening sockets."),
)
@option(
    "--web-workers",
    type=click.IntRange(0, 64),
    wording=Wording(
        "Số tiến trình dành riêng cho web và SAML; 0: chung với LDAP.",
        "Processes for the web and SAML alone; 0: the same as LDAP's.",
    ),
)
def serve(
    *,
    home: Path,
    ldap: tuple[Endpoint, ...],
    ldaps: tuple[Endpoint, ...],
    web: tuple[Endpoint, ...],
    policy: tuple[Endpoint, ...],
    workers: int | None,
    web_workers: int | None,
) -> None:
    """`govdir serve`."""
    config = load_config(home)
    count = config.work.workers if workers is None else workers
    of_the_web = config.work.web_workers if web_workers is None else web_workers
    listen = listening(config, ldap, ldaps, web, policy)
    with told_as_trouble(home):
        if listen.web:
            settle_sso_files(config)  # a home from before there was a web site has none; and before any fork
        sockets = open_sockets(listen)
    try:
        shares = divided(sockets, count, of_the_web)
        if len(shares) == 1:
            run_server(config, sockets, lambda: announce(sockets))
        else:
            run_workers(
                [partial(_serve_share, config, sockets, share) for share in shares],
                lambda: announce(sockets),
                lambda: close_sockets(sockets),
            )
    finally:
        close_sockets(sockets)


def divided(sockets: Sequence[Listening], workers: int, web_workers: int) -> Sequence[Sequence[Listening]]:
    """The sockets that each process serves: all of them, unless the web has processes of its own."""
    web = [each for each in sockets if each.service is Service.WEB]
    others = [each for each in sockets if each.service is not Service.WEB]
    if not (web_workers and web and others):
        return [sockets] * workers
    return [others] * workers + [web] * web_workers


def announce(sockets: Sequence[Listening]) -> None:
    """Says on standard error and to systemd that clients may come."""
    remark(say(READY, urls=urls(sockets)))
    notify("READY=1")


def run_server(config: Config, sockets: Sequence[Listening], ready: Callable[[], None]) -> None:
    """Serves in this process until SIGTERM or SIGINT. Raises EnvironmentTrouble when it cannot start."""
    # Installed when it is imported, so not before a worker is forked.
    from twisted.internet import reactor as installed  # noqa: PLC0415

    reactor = cast("PosixReactorBase", installed)
    with told_as_trouble(config.home):
        try:
            application = Application(config, sockets, reactor)
        except TlsFilesError as error:
            raise EnvironmentTrouble(say(_TLS, reason=error), say(_TLS_MEND)) from error
        application.start()
    reactor.addSystemEventTrigger("before", "shutdown", notify, "STOPPING=1")
    reactor.addSystemEventTrigger("before", "shutdown", application.stop)
    reactor.callWhenRunning(_catch_hangup, reactor, application)
    reactor.callWhenRunning(ready)
    reactor.run()
    sys.stdout.flush()


def _serve_share(
    config: Config, sockets: Sequence[Listening], share: Sequence[Listening], ready: Callable[[], None]
) -> None:
    """As `run_server`, in a forked process: a port must not stay open for want of those who serve others."""
    close_sockets(each for each in sockets if each not in share)
    run_server(config, share, ready)


def _catch_hangup(reactor: PosixReactorBase, application: Application) -> None:
    signal.signal(signal.SIGHUP, lambda *_: reactor.callFromThread(application.reload))
