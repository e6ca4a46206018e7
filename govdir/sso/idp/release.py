"""Which attributes a service provider is told of an account, and under which names."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Final

from govdir.directory.dynamic import DYNAMIC
from govdir.directory.entry import Attributes
from govdir.directory.secrets import SECRET_ATTRIBUTES
from govdir.directory.service import Directory
from govdir.mailattrs.places import Surroundings, name_of
from govdir.sso.accounts import Account
from govdir.sso.idp.name_ids import NameIds
from govdir.sso.model import ReleasedAttribute, ServiceSettings
from govdir.sso.saml.model import Attribute
from govdir.sso.saml.names import NAME_FORMAT_BASIC, NAME_FORMAT_URI

USUAL_SOURCES: Final = (
    "mail",
    "displayName",
    "cn",
    "givenName",
    "sn",
    "title",
    "agency",
    "unit",
    "uid",
    "eduPersonPrincipalName",
    "roles",
)
"""Told to a service provider for which nothing else was decided: what applications call people by."""

_ID_PREFIX: Final = "urn:oasis:names:tc:SAML:attribute:"
_POLICY_STATE: Final = "pwd"  # what the password policy keeps in an entry is nobody's business
_BODY_CLASS: Final = "gdorganization"

COMPUTED_NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "subject-id": (_ID_PREFIX + "subject-id", "subject-id"),
    "pairwise-id": (_ID_PREFIX + "pairwise-id", "pairwise-id"),
    "edupersonprincipalname": ("urn:oid:1.3.6.1.4.1.5923.1.1.1.6", "eduPersonPrincipalName"),
    "agency": ("urn:oid:2.5.4.10", "o"),
    "unit": ("urn:oid:2.5.4.11", "ou"),
}
"""Name and FriendlyName of sources that are no attribute of the directory; the first two are those of SAML
subject identifier attributes 1.0. "roles" has those of gdRoleKind."""


class Release:
    """Works out attributes. Names of directory attributes are "urn:oid:" and their OID (SAML V2.0 LDAP/X.500
    attribute profile), with the directory's name as FriendlyName."""

    def __init__(self, directory: Directory, name_ids: NameIds, scope: str) -> None:
        self._directory = directory
        self._name_ids = name_ids
        self._scope = scope
        self._computed: Mapping[str, Callable[[Account, str], list[str]]] = {
            "subject-id": self._subject_id,
            "pairwise-id": self._pairwise_id,
            "edupersonprincipalname": self._principal_name,
            "agency": self._agency,
            "unit": self._unit,
            "roles": self._roles,
        }

    def attributes(self, settings: ServiceSettings, service: str, account: Account) -> tuple[Attribute, ...]:
        """Those to tell the service provider with this entity id, each name once; what the account has no
        values of is left out."""
        told: dict[str, Attribute] = {}
        for wanted in settings.attributes or map(ReleasedAttribute, USUAL_SOURCES):
            named = self._named(wanted, basic=settings.basic_names)
            values = self._values(wanted.source, service, account)
            if named is None or not values:
                continue
            name, name_format, friendly = named
            held = told[name].values if name in told else ()
            merged = held + tuple(value for value in values if value not in held)
            told[name] = Attribute(name, merged, name_format, friendly)
        return tuple(told.values())

    def tells_address(self, settings: ServiceSettings) -> bool:
        """Whether the service provider learns the mail address from attributes."""
        sources = [wanted.source.lower() for wanted in settings.attributes] or ["mail"]
        return not {"mail", "edupersonprincipalname"}.isdisjoint(sources)

    def is_known(self, source: str) -> bool:
        """Whether there is such a source, and it may be told."""
        key = source.lower()
        if key in self._computed:
            return True
        description = self._directory.vocabulary.find(source)
        if description is None:
            return False
        attribute = description.attribute.key
        return attribute not in SECRET_ATTRIBUTES and not attribute.startswith(_POLICY_STATE)

    def usual_name(self, source: str) -> tuple[str, str, str]:
        """Name, NameFormat and FriendlyName of a source that is known."""
        computed = COMPUTED_NAMES.get(source.lower())
        if computed is not None:
            return computed[0], NAME_FORMAT_URI, computed[1]
        attribute = self._directory.vocabulary.describe(
            "gdRoleKind" if source.lower() == "roles" else source
        ).attribute
        return f"urn:oid:{attribute.oid}", NAME_FORMAT_URI, attribute.name

    def _named(self, wanted: ReleasedAttribute, *, basic: bool) -> tuple[str, str, str | None] | None:
        """Name, NameFormat and FriendlyName; None for what is not told."""
        if not self.is_known(wanted.source):
            return None
        if wanted.name:
            is_uri = ":" in wanted.name
            return wanted.name, NAME_FORMAT_URI if is_uri else NAME_FORMAT_BASIC, None
        if basic:
            return wanted.source, NAME_FORMAT_BASIC, None
        return self.usual_name(wanted.source)

    def _values(self, source: str, service: str, account: Account) -> list[str]:
        if not self.is_known(source):
            return []
        computed = self._computed.get(source.lower())
        if computed is not None:
            return computed(account, service)
        key = self._directory.vocabulary.describe(source).attribute.key
        image = self._directory.image
        record = image.by_id(account.record_id)
        dynamic = DYNAMIC.get(key)
        if dynamic is not None:
            return [] if record is None else list(map(_text, dynamic(image, record)))
        return [text for text in map(_text, account.attributes.values(source)) if text]

    def _subject_id(self, account: Account, _service: str) -> list[str]:
        return [f"{account.entry_uuid.lower()}@{self._scope}"]

    def _pairwise_id(self, account: Account, service: str) -> list[str]:
        return [f"{self._name_ids.pairwise(service, account.entry_uuid)}@{self._scope}"]

    def _principal_name(self, account: Account, _service: str) -> list[str]:
        return [account.address] if account.address else []

    def _agency(self, account: Account, _service: str) -> list[str]:
        return _names(self._around(account).agency)

    def _unit(self, account: Account, _service: str) -> list[str]:
        around = self._around(account)
        return [] if around.body is around.agency else _names(around.body)

    def _roles(self, account: Account, _service: str) -> list[str]:
        return sorted(role.value for role in account.roles)

    def _around(self, account: Account) -> Surroundings:
        """The bodies the account is in; the mailbox of a body belongs to that body itself."""
        record = self._directory.image.by_id(account.record_id)
        if record is None:
            return Surroundings(None, None)
        bodies = [one for one in (record, *record.ancestors()) if _BODY_CLASS in one.shape.classes]
        return Surroundings.of([body.shape.attributes(body.body) for body in bodies])


def _names(body: Attributes | None) -> list[str]:
    name = None if body is None else name_of(body)
    return [name] if name else []


def _text(value: bytes) -> str:
    """As it is; octets that are no text (a photograph) in base64."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return base64.b64encode(value).decode()
