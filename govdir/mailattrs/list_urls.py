"""LDAP URLs that say who is on a list (memberURL): those that a mail server can use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from govdir.directory.rules import Neighbourhood
from govdir.directory.vocabulary import Vocabulary
from govdir.ldap.codec.filters import And, Extensible, Filter, Not, Or
from govdir.ldap.codec.urls import LdapUrl, UrlError, parse_url
from govdir.policy.texts import Wording

NO_URL: Final = Wording(
    "memberURL “{url}” không phải LDAP URL (RFC 4516): {why}.",
    "The memberURL “{url}” is no LDAP URL (RFC 4516): {why}.",
)
NO_BASE: Final = Wording(
    "memberURL “{url}”: không có mục “{base}” trong danh bạ.",
    "The memberURL “{url}”: there is no entry “{base}” in the directory.",
)
FOREIGN: Final = Wording(
    "memberURL “{url}” phải trỏ vào danh bạ này (ldap:///…): máy chủ thư không tìm ở {host}.",
    "The memberURL “{url}” must point into this directory (ldap:///…): mail servers do not ask {host}.",
)
NOT_MAIL: Final = Wording(
    "memberURL “{url}” phải lấy thuộc tính mail (…?mail?sub?…).",
    "The memberURL “{url}” must ask for the attribute mail (…?mail?sub?…).",
)
NO_SCOPE: Final = Wording(
    "memberURL “{url}” phải ghi phạm vi sub, one hoặc base; không ghi thì chỉ tìm chính mục gốc.",
    "The memberURL “{url}” must state the scope sub, one or base; without it only the base is looked at.",
)
NO_FILTER: Final = Wording(
    "memberURL “{url}” phải có bộ lọc, ví dụ (&(objectClass=gdPerson)(enabledService=deliver)).",
    "The memberURL “{url}” needs a filter, such as (&(objectClass=gdPerson)(enabledService=deliver)).",
)
UNKNOWN_ATTRIBUTE: Final = Wording(
    "memberURL “{url}”: bộ lọc hỏi thuộc tính “{attribute}” không có trong lược đồ.",
    "The memberURL “{url}”: its filter asks for “{attribute}”, which the schema does not have.",
)
CRITICAL: Final = Wording(
    "memberURL “{url}” đòi phần mở rộng “{extension}” mà máy chủ thư không hiểu.",
    "The memberURL “{url}” demands the extension “{extension}”, which mail servers do not understand.",
)


def trouble_with_url(text: str, vocabulary: Vocabulary, near: Neighbourhood) -> Wording | None:
    """Why a mail server could not use the URL, None if it can."""
    try:
        url = parse_url(text)
    except UrlError as error:
        return NO_URL.filled(url=text, why=error)
    if url.host or url.port is not None:
        return FOREIGN.filled(url=text, host=url.host or url.port)
    if [attribute.lower() for attribute in url.attributes] != ["mail"]:
        return NOT_MAIL.filled(url=text)
    if url.scope is None:
        return NO_SCOPE.filled(url=text)
    return _trouble_with_search(url, text, vocabulary, near)


def _trouble_with_search(
    url: LdapUrl, text: str, vocabulary: Vocabulary, near: Neighbourhood
) -> Wording | None:
    if url.filter is None:
        return NO_FILTER.filled(url=text)
    for attribute in _attributes(url.filter):
        if vocabulary.find(attribute) is None:
            return UNKNOWN_ATTRIBUTE.filled(url=text, attribute=attribute)
    for extension in url.extensions:
        if extension.critical:
            return CRITICAL.filled(url=text, extension=extension.type)
    if near.entry(url.dn) is None:
        return NO_BASE.filled(url=text, base=url.dn)
    return None


def _attributes(condition: Filter) -> Iterator[str]:
    """The attributes a filter asks for."""
    waiting = [condition]
    while waiting:
        part = waiting.pop()
        if isinstance(part, And | Or):
            waiting += part.filters
        elif isinstance(part, Not):
            waiting.append(part.filter)
        elif not isinstance(part, Extensible) or part.attribute is not None:
            yield part.attribute or ""
