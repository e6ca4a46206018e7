"""What a govdir home is told about mail: letters of its own, and the mail servers it works for."""

from __future__ import annotations

from dataclasses import dataclass

from govdir.config_kinds import NETWORKS, PATH, SENDER, SMTP, WEB_ADDRESSES
from govdir.settings import one_of, setting, whole


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSettings:
    """Letters that govdir sends: that a password or a second factor was changed."""

    server: str = setting(
        SMTP, 'Where mail is handed in, "smtp://" (STARTTLS if offered) or "smtps://"; "": none is sent.', ""
    )
    sender: str = setting(SENDER, 'The sender\'s address; "" is no-reply at the mail domain.', "")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServerSettings:
    """What govdir does for mail servers besides answering LDAP."""

    policy_clients: tuple[str, ...] = setting(
        NETWORKS, "Mail servers that may ask at listen.policy.", ("127.0.0.0/8", "::1/128")
    )
    policy_mode: str = setting(
        one_of("enforce", "warn"),
        "Whether messages that break a rule are refused, or only reported in the logs.",
        "enforce",
    )
    policy_unsure: str = setting(
        one_of("defer", "accept"),
        "What becomes of a message that cannot be judged, the database having been away too long.",
        "defer",
    )
    policy_stale_seconds: int = setting(
        whole(10, 86_400),
        "How long the directory in memory is trusted while the database does not answer.",
        900,
    )
    trusted_relays: tuple[str, ...] = setting(
        NETWORKS,
        "Hosts whose envelope senders are believed without a login: webmail and applications that hand mail "
        "in for people they have signed in themselves.",
        (),
    )
    doveadm: tuple[str, ...] = setting(
        WEB_ADDRESSES,
        "Dovecot servers' HTTP interfaces, asked to end the open sessions of an account that is closed.",
        (),
    )
    doveadm_key: str = setting(PATH, "The doveadm_api_key of those servers.", "keys/doveadm")
    old_address_months: int = setting(
        whole(0, 120),
        "How long an address goes on receiving after a rename, unless gdAddressUntil says otherwise; 0: for "
        "good.",
        0,
    )
