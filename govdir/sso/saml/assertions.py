"""saml:Assertion: who somebody is, how that was proved, and what else may be known (profiles §4.1.4.2)."""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from govdir.sso.saml.model import Assertion, Attribute
from govdir.sso.saml.names import BEARER, SAML_VERSION, XS, XSI, saml
from govdir.sso.saml.parts import add_name_id, child
from govdir.sso.saml.values import clean, write_time
from govdir.sso.saml.xml import SAML

_XSI_TYPE = f"{{{XSI}}}type"


def assertion(content: Assertion) -> etree._Element:
    """The element, not signed yet; it declares all its namespaces, so it can be read on its own.

    Texts of the directory are cleaned (`values.clean`), never refused. Attributes of one Name are put
    together, a value stands once, and an attribute without values is left out. No Address is told: mobile
    devices change theirs between two requests. The caller puts `not_before` back a little for slow clocks.
    """
    element = etree.Element(saml("Assertion"), nsmap={"saml": SAML, "xs": XS, "xsi": XSI})
    element.set("ID", content.id)
    element.set("Version", SAML_VERSION)
    element.set("IssueInstant", write_time(content.issued_at))
    child(element, saml("Issuer"), content.issuer)
    _add_subject(element, content)
    _add_conditions(element, content)
    _add_authn_statement(element, content)
    _add_attributes(element, content.attributes)
    return element


def merged(attributes: Iterable[Attribute]) -> tuple[Attribute, ...]:
    """As an assertion carries them: values cleaned, each once, one attribute of a Name, none without values.

    Many service providers refuse, or keep the last of, several Attributes of one Name. Where they differ in
    NameFormat or FriendlyName the first decides.
    """
    by_name: dict[str, tuple[Attribute, dict[str, None]]] = {}
    for attribute in attributes:
        _, values = by_name.setdefault(attribute.name, (attribute, {}))
        values.update(dict.fromkeys(filter(None, map(clean, attribute.values))))
    return tuple(
        Attribute(name, tuple(values), first.name_format, first.friendly_name)
        for name, (first, values) in by_name.items()
        if values
    )


def _add_subject(parent: etree._Element, content: Assertion) -> None:
    subject = child(parent, saml("Subject"))
    add_name_id(subject, content.name_id)
    confirmation = child(subject, saml("SubjectConfirmation"))
    confirmation.set("Method", BEARER)
    data = child(confirmation, saml("SubjectConfirmationData"))
    if content.in_response_to is not None:
        data.set("InResponseTo", content.in_response_to)
    data.set("NotOnOrAfter", write_time(content.not_on_or_after))
    data.set("Recipient", content.recipient)


def _add_conditions(parent: etree._Element, content: Assertion) -> None:
    conditions = child(parent, saml("Conditions"))
    conditions.set("NotBefore", write_time(content.not_before))
    conditions.set("NotOnOrAfter", write_time(content.not_on_or_after))
    child(child(conditions, saml("AudienceRestriction")), saml("Audience"), content.audience)


def _add_authn_statement(parent: etree._Element, content: Assertion) -> None:
    statement = child(parent, saml("AuthnStatement"))
    statement.set("AuthnInstant", write_time(content.authenticated_at))
    statement.set("SessionIndex", content.session_index)
    if content.session_ends is not None:
        statement.set("SessionNotOnOrAfter", write_time(content.session_ends))
    context = child(statement, saml("AuthnContext"))
    child(context, saml("AuthnContextClassRef"), content.context_class)


def _add_attributes(parent: etree._Element, attributes: tuple[Attribute, ...]) -> None:
    carried = merged(attributes)
    if not carried:
        return
    statement = child(parent, saml("AttributeStatement"))
    for attribute in carried:
        element = child(statement, saml("Attribute"))
        element.set("Name", attribute.name)
        element.set("NameFormat", attribute.name_format)
        if attribute.friendly_name is not None:
            element.set("FriendlyName", attribute.friendly_name)
        for value in attribute.values:
            child(element, saml("AttributeValue"), value).set(_XSI_TYPE, "xs:string")
