"""The order of elements in metadata, which much software gets wrong: NameIDFormat first of all, say."""

from __future__ import annotations

from typing import Final

from lxml import etree

from govdir.sso.saml.names import ds, md

_ROLES: Final = (
    "RoleDescriptor",
    "IDPSSODescriptor",
    "SPSSODescriptor",
    "AuthnAuthorityDescriptor",
    "AttributeAuthorityDescriptor",
    "PDPDescriptor",
    "AffiliationDescriptor",
)
_RANKS: Final = {
    ds("Signature"): 0,
    md("Extensions"): 1,
    **dict.fromkeys(map(md, _ROLES), 2),  # in whatever order among themselves
    **{
        md(name): rank
        for rank, name in enumerate(
            (
                "KeyDescriptor",
                "Organization",
                "ContactPerson",
                "AdditionalMetadataLocation",
                "ArtifactResolutionService",
                "SingleLogoutService",
                "ManageNameIDService",
                "NameIDFormat",
                "AssertionConsumerService",
                "AttributeConsumingService",
            ),
            start=3,
        )
    },
}
"""One order that is the schema's both within EntityDescriptor and within SPSSODescriptor."""


def put_in_order(entity: etree._Element) -> None:
    """Moves the children of an EntityDescriptor and of its SPSSODescriptors to where the schema has them
    (metadata §2.3.2, §2.4.4): the order tells nothing. Those of one name keep theirs. To be done after a
    signature was verified, which it breaks."""
    for parent in (entity, *entity.iterchildren(md("SPSSODescriptor"))):
        children = list(parent)
        ordered = sorted(children, key=lambda child: _RANKS.get(str(child.tag), len(_RANKS)))
        if ordered != children:
            parent[:] = ordered
