"""What OASIS' specifications ask of an identity provider, over a browser's sockets, by Redirect and by POST.

The cases are those of codice/saml-conformance, in words and code of our own; each test is named after the
section it holds ("core": saml-core-2.0, "bindings": saml-bindings-2.0, "profiles": saml-profiles-2.0).
"""

from __future__ import annotations

from interop.saml.conftest import IdentityProvider
from interop.saml.wire import fits_schema
from lxml import etree


def test_core_metadata_fits_the_schema(idp: IdentityProvider) -> None:
    fits_schema(etree.fromstring(idp.metadata))
