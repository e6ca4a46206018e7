"""`HOME/govdir.toml` as frozen values: the only home of defaults, and the source of their reference page.

Every setting is declared once, with its kind, default and a line of explanation; reading, writing and
documenting all follow from the declaration. Relative paths are relative to HOME.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from govdir.config_kinds import (
    DAYS,
    DN,
    DOMAIN,
    ENDPOINTS,
    LABEL,
    MAPPINGS,
    OPTIONAL_PATH,
    OUTPUT,
    PATH,
    SHIPPED,
    URL,
    Endpoint,
)
from govdir.config_mail import MailServerSettings, MailSettings
from govdir.config_web import SsoSettings, WebSettings
from govdir.directory.certificates import OwnerBy
from govdir.ldap.server.limits import MIB, ServerLimits
from govdir.settings import (
    SWITCH,
    ConfigNotToml,
    ConfigUnreadable,
    free_table,
    one_of,
    read_settings,
    reference_rows,
    render_settings,
    required,
    setting,
    whole,
)

CONFIG_FILE = "govdir.toml"
LDAP_PORT, LDAPS_PORT, WEB_PORT = (
    3389,
    3636,
    8443,
)  # no privilege needed; a front door on 389/636 is the operator's decision
_SERVER = ServerLimits()  # the figures' reasons stand there


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseSettings:
    """Where the truth is kept."""

    url: str = setting(
        URL,
        "Database; a SQLite path is relative to HOME. Several nodes need PostgreSQL.",
        "sqlite:///govdir.sqlite",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenSettings:
    """Where clients connect."""

    ldap: tuple[Endpoint, ...] = setting(
        ENDPOINTS, "LDAP with StartTLS; [] for none.", (Endpoint("127.0.0.1", LDAP_PORT),)
    )
    ldaps: tuple[Endpoint, ...] = setting(
        ENDPOINTS, "LDAP over TLS from the first byte; [] for none.", (Endpoint("127.0.0.1", LDAPS_PORT),)
    )
    web: tuple[Endpoint, ...] = setting(
        ENDPOINTS,
        "The web site and the SAML identity provider, always over TLS; [] for none.",
        (Endpoint("127.0.0.1", WEB_PORT),),
    )
    policy: tuple[Endpoint, ...] = setting(
        ENDPOINTS,
        "Where Postfix asks whether a message may pass (check_policy_service); never encrypted, so on "
        "networks of its own; [] for none.",
        (),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsSettings:
    """Certificates; re-read on SIGHUP."""

    certificate: str = setting(PATH, "The server's certificate and its chain, PEM.", "keys/server.crt")
    key: str = setting(
        PATH, "The certificate's private key, PEM, readable by the server only.", "keys/server.key"
    )
    authority: str = setting(
        PATH,
        "The authority's certificate that clients are to trust; trusted beside the system's for metadata and "
        "back channels, never used to serve.",
        "keys/ca.crt",
    )
    client_authority: str = setting(
        OPTIONAL_PATH,
        "The authorities whose certificates let LDAP clients sign in by SASL EXTERNAL, PEM; "
        '"" for none: clients are then not asked for a certificate.',
        "",
    )
    client_revocations: str = setting(
        OPTIONAL_PATH,
        "Their current revocation lists, PEM, one of each up to the root; without one in force nobody of "
        'that authority gets in. "": revocation is not looked at.',
        "",
    )
    client_mappings: tuple[str, ...] = setting(
        MAPPINGS,
        "How a certificate tells whose it is: the entry has it in userCertificate, its e-mail address is one "
        "of the entry's, its subject is the entry's name. An entry that has certificates goes by them alone.",
        (OwnerBy.CERTIFICATE.value, OwnerBy.ADDRESS.value),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SecuritySettings:
    """Who may see and say what, and over which connections."""

    plaintext_bind: str = setting(
        one_of("never", "loopback", "always"),
        "Whether a password may arrive without TLS; loopback: from this machine only.",
        "loopback",
    )
    publication: bool = setting(
        SWITCH,
        "Whether anyone may read the public address book (names, posts, addresses) without logging in.",
        False,
    )
    access: str = setting(PATH, "The access rules.", "access.toml")
    secret: str = setting(
        PATH,
        "32 random bytes that sign paging cookies and seal what SCRAM-SHA-256 checks passwords by.",
        "keys/secret",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitSettings:
    """What one client may cost the others. How many entries a search may return is in the access rules."""

    connections: int = setting(
        whole(1, 1_000_000), "Connections at once; each needs a file descriptor.", _SERVER.connections
    )
    connections_per_address: int = setting(
        whole(1, 1_000_000),
        "Connections at once from one address; a mail gateway pools hundreds.",
        _SERVER.connections_per_address,
    )
    request_bytes: int = setting(
        whole(1024, 1024 * MIB),
        "The largest request of a client that has logged in.",
        _SERVER.bound_pdu_bytes,
    )
    request_bytes_before_bind: int = setting(
        whole(1024, 16 * MIB), "The largest request of a client that has not.", _SERVER.anonymous_pdu_bytes
    )
    idle_seconds: int = setting(
        whole(1, 86_400),
        "A person's connection without a request is closed after so long.",
        _SERVER.idle_seconds,
    )
    service_idle_seconds: int = setting(
        whole(1, 7 * 86_400), "The same for services, which keep pools open.", _SERVER.service_idle_seconds
    )
    search_seconds: int = setting(whole(1, 86_400), "How long one search may work.", _SERVER.search_seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordSettings:
    """What password policies below ou=policies begin with, and what they do not say; more is the pack's."""

    history: int = setting(
        whole(0, 24), "Former passwords that cannot be chosen again, the present one included.", 5
    )
    failures: int = setting(
        whole(0, 32), "Wrong passwords in a row that lock an account; 0 never does, and invites guessing.", 10
    )
    failure_window_seconds: int = setting(
        whole(0, 86_400),
        "Wrong passwords older than this do not count; 0 counts all since the last success.",
        900,
    )
    lock_seconds: int = setting(
        whole(0, 7 * 86_400), "How long a lock lasts; 0 until an administrator ends it.", 900
    )
    minimum_age_seconds: int = setting(
        whole(0, 7 * 86_400),
        "How long a password is kept before its owner may choose another; 0 does not ask for it.",
        0,
    )
    remembered_seconds: int = setting(
        whole(0, 3600),
        "How long the server's memory knows that a password was right, so that a mail program's next login "
        "costs no hash; any change of the account ends it; 0 never.",
        300,
    )
    changed_over_ldap: bool = setting(
        SWITCH,
        "Whether who must change an expired or given password may bind over LDAP, to do nothing but that. "
        "Without it only the web site takes them, and no program that goes by a bind alone lets them in.",
        True,
    )
    scram: bool = setting(
        SWITCH,
        "Whether a new password also leaves what SCRAM-SHA-256 checks it by, sealed with security.secret, "
        "and binds by it are taken.",
        True,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LifecycleSettings:
    """What the server does by the clock; terms and consequences are the pack's."""

    automatic: bool = setting(
        SWITCH,
        "Whether the server blocks, revokes, ends delegations and narrows services when their moment comes; "
        "without it `govdir lifecycle run` does.",
        True,
    )
    inactivity: bool = setting(
        SWITCH,
        "Whether it also suspends and revokes mailboxes nobody uses, once a day after 02:00.",
        True,
    )
    inactivity_share_percent: int = setting(
        whole(0, 100),
        "When more than this share of all mailboxes, and more than 20, would be suspended or revoked because "
        "nobody uses them, the server does none and says so; `govdir lifecycle run` does them.",
        5,
    )
    holidays: tuple[date, ...] = setting(
        DAYS, "Days off besides those the program knows: swapped days of years announced later.", ()
    )
    working_days: tuple[date, ...] = setting(DAYS, "Saturdays, Sundays or holidays that are worked.", ())


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowSettings:
    """Who lets new mailboxes begin."""

    approval: bool = setting(
        SWITCH,
        "Whether a mailbox that an agency's own administrator adds waits for an approver (gdState pending).",
        False,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """One JSON line an event; re-opened on SIGHUP."""

    access: str = setting(
        OUTPUT, 'One line an LDAP operation, never with secrets; "-" is standard output.', "-"
    )
    sign_ins: str = setting(
        OUTPUT, 'One line a sign-in, sign-out, assertion or refusal of it; "-" is standard output.', "-"
    )
    mail: str = setting(
        OUTPUT, 'One line a message that was refused or deferred, and why; "-" is standard output.', "-"
    )
    events: str = setting(OUTPUT, 'Starts, stops and troubles; "-" is standard error.', "-")


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkSettings:
    """How much slow work goes on at once."""

    hashing_threads: int = setting(whole(1, 64), "Passwords hashed at once, 19 MiB and a core each.", 2)
    signing_threads: int = setting(whole(1, 64), "SAML messages signed or checked at once, a core each.", 2)
    queued: int = setting(whole(1, 100_000), "Hashings waiting before clients are told to try again.", 256)
    workers: int = setting(whole(1, 64), "Server processes that share the listening sockets.", 1)
    web_workers: int = setting(whole(0, 64), "Of the web site and SAML alone; 0: LDAP's serve it too.", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Everything a govdir home is told; `home` is where it was read."""

    home: Path
    province: str = required(
        LABEL, "The province whose regulation rules here (`govdir init --help` lists them)."
    )
    mail_domain: str = required(DOMAIN, "The domain of the province's mail addresses.")
    suffix: str = required(DN, "The name of the tree's root entry.")
    pack: str = setting(
        SHIPPED,
        'The province pack (the regulation as data): "" is the one that is shipped, else a file in HOME.',
        "",
    )
    language: str = setting(one_of("vi", "en"), "The language in which refusals cite the regulation.", "vi")
    database: DatabaseSettings = field(default_factory=DatabaseSettings)
    listen: ListenSettings = field(default_factory=ListenSettings)
    tls: TlsSettings = field(default_factory=TlsSettings)
    security: SecuritySettings = field(default_factory=SecuritySettings)
    limits: LimitSettings = field(default_factory=LimitSettings)
    passwords: PasswordSettings = field(default_factory=PasswordSettings)
    web: WebSettings = field(default_factory=WebSettings)
    sso: SsoSettings = field(default_factory=SsoSettings)
    mail: MailSettings = field(default_factory=MailSettings)
    mail_servers: MailServerSettings = field(default_factory=MailServerSettings)
    lifecycle: LifecycleSettings = field(default_factory=LifecycleSettings)
    workflow: WorkflowSettings = field(default_factory=WorkflowSettings)
    log: LogSettings = field(default_factory=LogSettings)
    work: WorkSettings = field(default_factory=WorkSettings)
    quotas: Mapping[str, object] = free_table(
        "kind = bytes, such as unit = 1073741824",
        "Deprecated: say mailbox.unit.quota and the like in [pack_settings]. Mailbox quotas that go before "
        "[pack_settings] and the pack; 0 is unlimited.",
    )
    pack_settings: Mapping[str, object] = free_table(
        '"dotted key of the pack" = value, such as "mailbox.unit.quota" = "1 GiB"',
        "What goes before the pack: its readings (docs/reference/packs) or any other of its settings.",
    )

    @property
    def admin_dn(self) -> str:
        """The province administrator's DN."""
        return f"cn=admin,{self.suffix}"

    @property
    def database_url(self) -> str:
        """The database with a relative SQLite path made absolute under HOME."""
        scheme, slashes, path = self.database.url.partition(":///")
        if not (scheme.startswith("sqlite") and slashes and path) or path == ":memory:":
            return self.database.url
        return f"{scheme}:///{self.home / path}"

    def path(self, setting: str) -> Path:
        """Where a path of the configuration points."""
        return self.home / setting


def load_config(home: Path) -> Config:
    """HOME/govdir.toml. Raises ConfigError."""
    file = home / CONFIG_FILE
    try:
        text = file.read_text("utf-8")
    except OSError as error:
        raise ConfigUnreadable(file, 0, "", error.strerror or "") from None
    except UnicodeDecodeError:
        raise ConfigNotToml(file, 0, "", "not UTF-8") from None
    return parse_config(text, home=home.absolute(), file=file)


def parse_config(text: str, *, home: Path, file: Path) -> Config:
    """The configuration a TOML text holds; `file` is named in errors. Raises ConfigError."""
    given = read_settings(Config, text, file)
    return Config(home=home, **given)  # type: ignore[arg-type] # each value was read by its setting's kind


def render_config(config: Config) -> str:
    """A govdir.toml that says what `config` says: every setting, explained, its default as a comment."""
    head = (
        "# govdir: every setting, what it is for and what is allowed.",
        "# A setting behind a # has its default; remove the # to change it.",
    )
    return "\n".join((*head, *render_settings(config))) + "\n"


def render_reference() -> str:
    """docs/reference/configuration.md; `python -m govdir.config` writes it."""
    head = """# Configuration

`HOME/govdir.toml` is written by `govdir init` with every setting and its default. A name that is not listed
here, or a value that is not allowed, is an error that names its line. Relative paths are relative to `HOME`.
`SIGHUP` re-reads certificates and re-opens logs; other settings take effect at the next start.

This page is generated from the code: `python -m govdir.config > docs/reference/configuration.md`.
"""
    return "\n".join((head, *reference_rows(Config, "Top of the file"))) + "\n"


if __name__ == "__main__":
    sys.stdout.write(render_reference())
