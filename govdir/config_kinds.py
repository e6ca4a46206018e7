"""What settings may hold beyond words and numbers: end points, names, networks, URLs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from ipaddress import ip_address, ip_network

from govdir.directory.certificates import OwnerBy
from govdir.directory.roles import AGENCY_ADMINISTRATOR, HeldRole
from govdir.settings import list_of, matching


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A TCP address to listen on; port 0 lets the system choose."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Endpoint:
        """From "127.0.0.1:389", "[::1]:389" or "*:389". Raises ValueError."""
        host, colon, port = text.rpartition(":")
        if host.startswith("[") and host.endswith("]"):
            host = host[1:-1]
        elif ":" in host:
            raise ValueError(text)
        if not colon or not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
            raise ValueError(text)
        return cls("0.0.0.0" if host == "*" else host, int(port))  # noqa: S104 - asked for by name

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def _host(text: str) -> str:
    """A host as URLs have it, in small letters, IPv6 without brackets. Raises ValueError."""
    host = text.lower()
    if re.fullmatch(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?", host) is None:
        return str(ip_address(host))
    return host


def _web_address(text: str) -> str:
    """An http or https URL with a host. Raises ValueError."""
    if re.fullmatch(r"https?://[A-Za-z0-9.\[\]:_-]+(/[^\s?#]*)?", text) is None:
        raise ValueError(text)
    return text


DOMAIN = matching(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+", '"cantho.gov.vn"')
DN = matching(r".+=.+", '"dc=cantho,dc=gov,dc=vn"')
LABEL = matching(r"[a-z0-9_-]+", '"cantho"')
SHIPPED = matching(r"[^\0]*", '"" | a path')
PATH = matching(r"[^\0]+", "a path")
OPTIONAL_PATH = matching(r"[^\0]*", '"" | a path')
OUTPUT = matching(r"[^\0]+", '"-" | a path')
URL = matching(r"[a-z0-9+]+:.+", '"sqlite:///…" | "postgresql+psycopg://…"')
DAYS = list_of(date.fromisoformat, '["2027-02-05"] | []')
SITE = matching(r"|https://[a-z0-9.\[\]:-]+", '"" | "https://id.cantho.gov.vn"')
SMTP = matching(r"|smtps?://[^/@]+:[0-9]+", '"" | "smtp://localhost:25" | "smtps://mail.example.vn:465"')
SENDER = matching(
    r"|[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+",
    '"" | "no-reply@cantho.gov.vn"',
)
NETWORKS = list_of(lambda text: str(ip_network(text)), '["127.0.0.1", "10.0.0.0/8"] | []')
HOSTS = list_of(_host, '["portal.cantho.gov.vn"] | []')
WEB_ADDRESSES = list_of(_web_address, '["https://imap.cantho.gov.vn:8443/doveadm/v1"] | []')
ROLES = list_of(
    lambda text: text if text == AGENCY_ADMINISTRATOR else HeldRole(text).value,
    '["administrator", "operator", "approver", "auditor", "agency-admin"] | []',
)
MAPPINGS = list_of(
    lambda text: OwnerBy(text).value, '["certificate", "address", "subject"], one of them at least'
)
ENDPOINTS = list_of(Endpoint.parse, '["127.0.0.1:3389", "[::1]:3389"] | []')
