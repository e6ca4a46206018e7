"""What a govdir home is told about its web site and single sign-on."""

from __future__ import annotations

from dataclasses import dataclass

from govdir.config_kinds import HOSTS, NETWORKS, PATH, ROLES, SITE
from govdir.settings import setting, whole


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSettings:
    """The web site: where it is, and how long a browser stays signed in."""

    url: str = setting(
        SITE,
        'What people and applications call the site; "" is https://localhost and the first port of '
        "listen.web. Service providers know it by that name: after a change they must be told.",
        "",
    )
    idle_minutes: int = setting(whole(1, 1440), "A session that is not used is over after so long.", 60)
    session_hours: int = setting(whole(1, 168), "A session is over after so long in any case.", 10)
    trusted_proxies: tuple[str, ...] = setting(
        NETWORKS,
        "Reverse proxies whose X-Forwarded-For is believed; they pass the Host header on.",
        (),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SsoSettings:
    """Signing in, and the SAML identity provider."""

    keys: str = setting(
        PATH, "The folder of the keys that sign SAML messages (`govdir idp` renews them).", "keys/saml"
    )
    secret: str = setting(
        PATH,
        "32 random bytes that second factors are encrypted with and persistent identifiers are made from; "
        "all nodes of one directory need the same.",
        "keys/sso",
    )
    second_factor_roles: tuple[str, ...] = setting(
        ROLES,
        "Holders of these roles need a second factor to sign in to the web site and to applications; "
        '"agency-admin" is whoever an agency names in gdItAdmin, "administrator" also the account cn=admin.',
        (),
    )
    password_notice_days: int = setting(
        whole(0, 90), "Who signs in so many days before the password expires is told; 0 for nobody.", 14
    )
    private_hosts: tuple[str, ...] = setting(
        HOSTS,
        "Hosts of service providers that may be reached though their addresses are private, for fetching "
        "metadata and for logouts between servers.",
        (),
    )
    metadata_refresh_hours: int = setting(
        whole(0, 8760),
        "How often metadata that was registered by its address is fetched again; 0 never.",
        24,
    )
