"""Metadata of service providers: what is taken over of an SPSSODescriptor (metadata §2.4.4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from datetime import datetime, timedelta, timezone
from typing import Final

from lxml import etree
from msgspec import Struct

from govdir.policy.texts import Wording
from govdir.sso.saml import metadata_texts as texts
from govdir.sso.saml import schemas, signatures, xml
from govdir.sso.saml.errors import MalformedMessage, SignatureRefused, UnusableMetadata
from govdir.sso.saml.keys import VerificationKeys
from govdir.sso.saml.locations import is_safe_location
from govdir.sso.saml.metadata_keys import Use, certificates, remove_armour
from govdir.sso.saml.metadata_order import put_in_order
from govdir.sso.saml.model import Binding, Endpoint, ServiceMetadata
from govdir.sso.saml.names import MDUI, XML, ds, md
from govdir.sso.saml.parts import MAX_ENTITY_ID, text_of
from govdir.sso.saml.values import XML_SPACE, clean, read_boolean, read_time, said, write_time

NOTICE: Final = timedelta(days=14)
"""How long before its validUntil the operator is told that metadata will expire."""

_VIETNAM: Final = timezone(timedelta(hours=7))
_SHOWN: Final = 200  # characters of an address that a refusal quotes
_LOGOUT_BINDINGS: Final = frozenset({Binding.REDIRECT, Binding.POST, Binding.SOAP})


def read_service_metadata(
    octets: bytes,
    entity_id: str | None = None,
    signer: VerificationKeys | None = None,
    *,
    now: datetime | None = None,
) -> ServiceMetadata:
    """One service provider of an EntityDescriptor, or of an EntitiesDescriptor with others, at any depth.

    `entity_id` says which; needed where there are several, and always to be met. With `signer` the whole
    document, or else the entity by itself, must be signed by that key. With `now` (when metadata is
    newly taken over) it must not be past its validUntil; without, what was stored is read whatever its age.
    Raises UnusableMetadata.
    """
    return take_over(octets, entity_id, signer, now=now).metadata


class TakenOver(Struct, frozen=True):
    """What metadata says, and the octets to keep of it: the document as it came, or of one that holds several
    entities this one alone, with the end of what it stood in."""

    metadata: ServiceMetadata
    octets: bytes


def take_over(
    octets: bytes,
    entity_id: str | None = None,
    signer: VerificationKeys | None = None,
    *,
    now: datetime | None = None,
) -> TakenOver:
    """The same, to be kept. A signature does not outlive being taken out of an aggregate: it is verified here
    and no more. Raises UnusableMetadata."""
    try:
        root = xml.parse(octets, limit=xml.MAX_METADATA_BYTES)
        entity = _signed_entity(_root_as_signed(root, signer), entity_id, signer)
        remove_armour(entity)
        _refuse_without_acs(entity)
        put_in_order(entity)
        schemas.check(entity)
        metadata = _read(entity)
    except MalformedMessage as error:
        raise UnusableMetadata(texts.NOT_METADATA.filled(detail=str(error))) from None
    except SignatureRefused as error:
        raise UnusableMetadata(texts.NOT_SIGNED_BY.filled(detail=str(error))) from None
    if now is not None and metadata.valid_until is not None and metadata.valid_until <= now:
        raise UnusableMetadata(texts.OVER.filled(day=_day(metadata.valid_until)))
    return TakenOver(metadata, octets if entity is root else _alone(entity, metadata))


def default_endpoint(endpoints: Sequence[Endpoint]) -> Endpoint:
    """The one that is meant when a request names none (metadata §2.2.3): the first that says it is the
    default, else the first that does not say it is none, else the first."""
    return next(
        (endpoint for endpoint in endpoints if endpoint.is_default),
        next((endpoint for endpoint in endpoints if endpoint.is_default is None), endpoints[0]),
    )


def expiry_warning(metadata: ServiceMetadata, now: datetime, notice: timedelta = NOTICE) -> Wording | None:
    """What to tell the operator when metadata is, or within `notice` will be, past its validUntil."""
    ends = metadata.valid_until
    if ends is None or ends - notice > now:
        return None
    wording = texts.HAS_EXPIRED if ends <= now else texts.EXPIRES
    return wording.filled(entity_id=metadata.entity_id, day=_day(ends))


def _day(time: datetime) -> str:
    """The day in Vietnam, 31/12/2026."""
    return f"{time.astimezone(_VIETNAM):%d/%m/%Y}"


def _root_as_signed(root: etree._Element, signer: VerificationKeys | None) -> etree._Element:
    """The root, verified when it is the one that bears the signature."""
    if signer is None or root.find(ds("Signature")) is None:
        return root
    return signatures.verified_metadata(root, signer)


def _signed_entity(
    root: etree._Element, entity_id: str | None, signer: VerificationKeys | None
) -> etree._Element:
    """The entity that is meant, still below its ancestors where those are what was signed."""
    entity = _choose(list(_entities(root)), entity_id)
    if signer is None or root.find(ds("Signature")) is not None:
        return entity
    return signatures.verified_metadata(entity, signer)


def _entities(element: etree._Element) -> Iterator[etree._Element]:
    """EntityDescriptors below EntitiesDescriptors only: what stands in Extensions is none."""
    if element.tag == md("EntityDescriptor"):
        yield element
    elif element.tag == md("EntitiesDescriptor"):
        for inner in element.iterchildren(md("EntityDescriptor"), md("EntitiesDescriptor")):
            yield from _entities(inner)
    else:
        raise UnusableMetadata(texts.NOT_AN_ENTITY)


def _choose(entities: Sequence[etree._Element], entity_id: str | None) -> etree._Element:
    if entity_id is None:
        if len(entities) != 1:
            raise UnusableMetadata(texts.WHICH_ENTITY.filled(count=len(entities)))
        return entities[0]
    meant = [entity for entity in entities if said(entity.get("entityID")) == entity_id]
    if len(meant) != 1:
        wording = texts.ENTITY_TWICE if meant else texts.NO_SUCH_ENTITY
        raise UnusableMetadata(wording.filled(entity_id=entity_id))
    return meant[0]


def _alone(entity: etree._Element, metadata: ServiceMetadata) -> bytes:
    """One entity of several as a document of its own."""
    if metadata.valid_until is not None:
        entity.set("validUntil", write_time(metadata.valid_until))
    return xml.serialize(entity)


def _read(entity: etree._Element) -> ServiceMetadata:
    """What an EntityDescriptor that fits the schema says."""
    entity_id = said(entity.get("entityID")) or ""
    if not entity_id or len(entity_id) > MAX_ENTITY_ID or clean(entity_id) != entity_id:
        raise UnusableMetadata(texts.BAD_ENTITY_ID.filled(maximum=MAX_ENTITY_ID))
    role = next((role for role in entity.iterchildren(md("SPSSODescriptor")) if _speaks_saml2(role)), None)
    if role is None:
        raise UnusableMetadata(texts.NO_SERVICE_PROVIDER)
    acs = tuple(_endpoints(role, "AssertionConsumerService", {Binding.POST}))
    if not acs:
        raise UnusableMetadata(texts.NO_POST_ACS)
    return ServiceMetadata(
        entity_id=entity_id,
        acs=acs,
        slo=tuple(_endpoints(role, "SingleLogoutService", _LOGOUT_BINDINGS)),
        name_id_formats=tuple(filter(None, map(text_of, role.iterchildren(md("NameIDFormat"))))),
        signing_certificates=certificates(role, Use.SIGNING),
        encryption_certificates=certificates(role, Use.ENCRYPTION),
        signs_requests=read_boolean(role.get("AuthnRequestsSigned")),
        wants_assertions_signed=read_boolean(role.get("WantAssertionsSigned")),
        display_names=_display_names(entity, role),
        valid_until=_valid_until(role),
    )


def _refuse_without_acs(entity: etree._Element) -> None:
    """What the schema would refuse too, without saying that it is this."""
    if any(
        role.find(md("AssertionConsumerService")) is None
        for role in entity.iterchildren(md("SPSSODescriptor"))
    ):
        raise UnusableMetadata(texts.NO_ACS)


def _speaks_saml2(role: etree._Element) -> bool:
    return xml.SAMLP in role.get("protocolSupportEnumeration", "").split()


def _endpoints(role: etree._Element, name: str, bindings: Set[Binding]) -> Iterator[Endpoint]:
    """The end points of that name whose binding is spoken, with addresses that may be used."""
    for element in role.iterchildren(md(name)):
        binding = said(element.get("Binding")) or ""
        if binding not in bindings:
            continue
        index, default = said(element.get("index")), element.get("isDefault")
        yield Endpoint(
            binding,
            _location(element.get("Location", ""), name),
            _location(response, name) if (response := said(element.get("ResponseLocation"))) else None,
            None if index is None else int(index),
            None if default is None else read_boolean(default),
        )


def _location(text: str, element: str) -> str:
    location = text.strip(XML_SPACE)
    if not is_safe_location(location):
        raise UnusableMetadata(
            texts.UNSAFE_LOCATION.filled(element=element, location=ascii(location[:_SHOWN]))
        )
    return location


def _display_names(entity: etree._Element, role: etree._Element) -> tuple[tuple[str, str], ...]:
    """(language, text), one a language, of the first place that says any."""
    places = (
        role.iterfind(f"{md('Extensions')}/{{{MDUI}}}UIInfo/{{{MDUI}}}DisplayName"),
        role.iterfind(f"{md('AttributeConsumingService')}/{md('ServiceName')}"),
        role.iterfind(f"{md('Organization')}/{md('OrganizationDisplayName')}"),
        entity.iterfind(f"{md('Organization')}/{md('OrganizationDisplayName')}"),
    )
    for elements in places:
        names: dict[str, str] = {}
        for element in elements:
            text = " ".join(clean(element.text or "").split())
            if text:
                names.setdefault(element.get(f"{{{XML}}}lang", ""), text)
        if names:
            return tuple(names.items())
    return ()


def _valid_until(role: etree._Element) -> datetime | None:
    """The earliest of the role and everything around it (metadata §4.3.1)."""
    times = (said(element.get("validUntil")) for element in (role, *role.iterancestors()))
    return min((read_time(time) for time in times if time), default=None)
