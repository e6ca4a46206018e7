"""LDAP URLs (RFC 4516)."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

from msgspec import Struct

from govdir.ldap.codec.attribute_description import OID, is_attribute_description
from govdir.ldap.codec.filter_text import FilterTextError, format_filter, parse_filter
from govdir.ldap.codec.filters import Filter
from govdir.ldap.codec.messages import Scope


class UrlError(ValueError):
    """The text is not an LDAP URL; the message names the part and the rule."""


class UrlExtension(Struct, frozen=True):
    """An extension; if one that is critical is not understood, the URL must not be followed."""

    type: str
    value: str | None = None
    critical: bool = False


class LdapUrl(Struct, frozen=True):
    """What a URL says; None and empty mean it does not say.

    RFC 4516 §3 then means: the server one is talking to, port 389, the root DSE, all user attributes, scope
    base, filter `(objectClass=*)`. `scheme` is "ldap", or the customary "ldaps" (port 636).
    """

    host: str = ""
    port: int | None = None
    dn: str = ""
    attributes: tuple[str, ...] = ()
    scope: Scope | None = None
    filter: Filter | None = None
    extensions: tuple[UrlExtension, ...] = ()
    scheme: str = "ldap"


_SCOPES: Final = {"base": Scope.BASE_OBJECT, "one": Scope.SINGLE_LEVEL, "sub": Scope.WHOLE_SUBTREE}
_SCOPE_NAMES: Final = {scope: name for name, scope in _SCOPES.items()}

_URL: Final = re.compile(r"(?P<scheme>ldaps?)://(?P<authority>[^/?]*)(?:/(?P<rest>.*))?", re.IGNORECASE)
_AUTHORITY: Final = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^:\[\]@]*)(?::(?P<port>[0-9]{1,5}))?")
_ALLOWED: Final = re.compile(r"(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*")
_PERCENT: Final = re.compile(rb"%([0-9A-Fa-f]{2})")
_EXTENSION: Final = re.compile(rf"(?P<critical>!?)(?P<type>{OID})(?:=(?P<value>.*))?")
_STAYS: Final = "!$&'()*+,;=:@"  # reserved characters that need no encoding between two "?"
_STAYS_IN_EXTENSION: Final = _STAYS.replace(",", "")
_LARGEST_PORT: Final = 65535


def parse_url(text: str) -> LdapUrl:
    """The URL that `text` is; raises UrlError. The DN is not looked into."""
    match = _URL.fullmatch(text)
    if match is None:
        raise UrlError("an LDAP URL begins with ldap:// or ldaps://")
    if not _ALLOWED.fullmatch(text):
        raise UrlError("a character that must be percent-encoded, or “%” without two hexadecimal digits")
    host, port = _authority(match["authority"])
    parts = (match["rest"] or "").split("?")
    if len(parts) > 5:
        raise UrlError("more than four “?”")
    dn, attributes, scope, filter_text, extensions = parts + [""] * (5 - len(parts))
    return LdapUrl(
        host,
        port,
        _decode(dn, "DN"),
        _attributes(attributes),
        _scope(scope),
        _filter(filter_text),
        tuple(map(_extension, extensions.split(","))) if extensions else (),
        match["scheme"].lower(),
    )


def format_url(url: LdapUrl) -> str:
    """The shortest text of the URL; parse_url gives it back."""
    port = "" if url.port is None else f":{url.port}"
    parts = [
        quote(url.dn, safe=_STAYS),
        ",".join(quote(attribute, safe=_STAYS) for attribute in url.attributes),
        "" if url.scope is None else _SCOPE_NAMES[url.scope],
        "" if url.filter is None else quote(format_filter(url.filter), safe=_STAYS),
        ",".join(map(_format_extension, url.extensions)),
    ]
    while len(parts) > 1 and not parts[-1]:
        parts.pop()
    path = "?".join(parts)
    host = url.host if url.host.startswith("[") else quote(url.host, safe=_STAYS_IN_EXTENSION)
    return f"{url.scheme}://{host}{port}" + (f"/{path}" if path else "")


def _authority(text: str) -> tuple[str, int | None]:
    match = _AUTHORITY.fullmatch(text)
    if match is None:
        raise UrlError("host: a name, an IPv4 address or an IPv6 address in brackets, and a port, expected")
    port = None if match["port"] is None else int(match["port"])
    if port is not None and port > _LARGEST_PORT:
        raise UrlError(f"port: {port} is greater than {_LARGEST_PORT}")
    return _decode(match["host"], "host"), port


def _attributes(text: str) -> tuple[str, ...]:
    """`*`, `+` and `1.1` are selectors like any other."""
    if not text:
        return ()
    attributes = tuple(_decode(item, "attributes") for item in text.split(","))
    for attribute in attributes:
        if attribute not in ("*", "+") and not is_attribute_description(attribute):
            raise UrlError(f"attributes: “{attribute}” is not an attribute description")
    return attributes


def _scope(text: str) -> Scope | None:
    if not text:
        return None
    scope = _SCOPES.get(text.lower())
    if scope is None:
        raise UrlError("scope: one of base, one, sub expected")
    return scope


def _filter(text: str) -> Filter | None:
    if not text:
        return None
    try:
        return parse_filter(_decode(text, "filter"))
    except FilterTextError as error:
        raise UrlError(str(error)) from error


def _extension(text: str) -> UrlExtension:
    match = _EXTENSION.fullmatch(text)
    if match is None:
        raise UrlError("extension: an OID or name, and perhaps = and a value, expected")
    value = None if match["value"] is None else _decode(match["value"], "extension")
    return UrlExtension(match["type"], value, bool(match["critical"]))


def _format_extension(extension: UrlExtension) -> str:
    value = "" if extension.value is None else "=" + quote(extension.value, safe=_STAYS_IN_EXTENSION)
    return f"{'!' if extension.critical else ''}{extension.type}{value}"


def _decode(text: str, part: str) -> str:
    """Percent-decoded as UTF-8 (RFC 4516 §2.1)."""
    try:
        octets = _PERCENT.sub(lambda encoded: bytes.fromhex(encoded[1].decode()), text.encode())
        return octets.decode()
    except UnicodeDecodeError:
        raise UrlError(f"{part}: not UTF-8") from None
