"""Named subordinate references (RFC 3296): parts of the tree that are held elsewhere.

An entry of class referral says in `ref` where. Requests at or below it are answered with those addresses, and
searches that come upon it with a continuation reference; nothing here ever follows one. With ManageDsaIT it
is an entry like others.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from govdir.directory.access_view import AccessView
from govdir.directory.dn import Dn, rdn_text
from govdir.directory.entry import Attributes
from govdir.directory.errors import InvalidAttributeSyntax, Referral
from govdir.directory.image import Image, Record
from govdir.directory.matches import Reference
from govdir.directory.special import REFERRAL
from govdir.ldap.codec.messages import Scope
from govdir.ldap.codec.urls import UrlError, format_url, parse_url

_REF: Final = "ref"
_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[!-~]+")
_LDAP: Final = re.compile(r"ldaps?:", re.IGNORECASE)

_ELSEWHERE: Final = "phần này của cây ở máy chủ khác (this part of the tree is held by another server)"

# What is left to search at and below a referral object, by the scope of the search that comes upon it (§5.4).
_CONTINUED: Final = {Scope.SINGLE_LEVEL: Scope.BASE_OBJECT, Scope.WHOLE_SUBTREE: Scope.WHOLE_SUBTREE}


def referral_above(path: tuple[str, ...], image: Image, view: AccessView) -> Record | None:
    """The referral object that the name at `path` below the suffix is or lies below, if the caller may see
    it: to whoever may not, such a name is one that does not exist."""
    here = image.deepest(path)
    if here is None or REFERRAL not in here.shape.classes or not view.grant(here).visible:
        return None
    return here


def check_not_elsewhere(
    dn: Dn, suffix: Dn, image: Image, view: AccessView, scope: Scope | None = None
) -> None:
    """Raises Referral where `dn` is at or below a referral object (§5.2, §5.3); `scope` is that of a search
    with this base."""
    path = dn.below(suffix)
    record = None if path is None else referral_above(path, image, view)
    if path is not None and record is not None:
        left = len(path) - sum(1 for _ in record.ancestors())
        below = [rdn_text(rdn) for rdn in dn.rdns[:left]]
        raise Referral(_ELSEWHERE, referrals=_uris(record, below, scope), matched_dn=record.dn_text)


def continuation(record: Record, scope: Scope) -> Reference:
    """Where a search of this scope goes on that has come upon the referral object `record` (§5.4)."""
    return Reference(_uris(record, (), _CONTINUED[scope]))


def check_uris(attributes: Attributes) -> None:
    """Whether the values of a referral object's `ref` can be sent as references (§2.2): a URI, then perhaps
    a space and a label. Raises InvalidAttributeSyntax."""
    for number, value in enumerate(attributes.values(_REF)):
        uri = _uri_of(value)
        if _URI.fullmatch(uri) is None:
            raise InvalidAttributeSyntax(f"{_REF}: value #{number} is not a URI such as ldap://host/dc=vn")
        if _LDAP.match(uri):
            try:
                parse_url(uri)
            except UrlError as error:
                raise InvalidAttributeSyntax(f"{_REF}: value #{number}: {error}") from None


def _uri_of(value: bytes) -> str:
    """The part of a labeledURI (RFC 2079) before the label."""
    return (value.decode("utf-8", "replace").split(None, 1) or [""])[0]


def _uris(record: Record, below: Sequence[str], scope: Scope | None) -> tuple[str, ...]:
    return tuple(_made_for(_uri_of(value), record, below, scope) for value in record.values(_REF))


def _made_for(uri: str, record: Record, below: Sequence[str], scope: Scope | None) -> str:
    """The URI for what has the RDNs `below` under the referral object: the name it has there, the scope, no
    filter and no attributes but the client's own. What is no LDAP URL stays as it is."""
    if _LDAP.match(uri) is None:
        return uri
    try:
        url = parse_url(uri)
    except UrlError:  # stored by something that does not look into values
        return uri
    dn = ",".join((*below, url.dn or record.dn_text))
    return format_url(replace(url, dn=dn, attributes=(), scope=scope, filter=None))
