"""mod_auth_mellon as our how-to page sets it up, and with other NameIDs."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from interop.programs import require_program
from interop.saml.apache import Apache
from interop.saml.idp import IdentityProvider

_PAGE: Final = (
    Path(__file__).parents[2] / "docs" / "how-to" / "applications" / "mod-auth-mellon.md"
).read_text("utf-8")
_BLOCK: Final = re.compile(r"```apache\n(.*?)```", re.DOTALL)
# As when the page's reader has more than one application on a host: each below a place of its own.
_PLACE: Final = """
<Location /{place}>
    AuthType Mellon
    MellonEnable auth
    Require valid-user
    MellonVariable {place}
    MellonEndpointPath /{place}/mellon
    MellonSPPrivateKeyFile {folder}/{place}.key
    MellonSPCertFile {folder}/{place}.cert
    {metadata}
    MellonIdPMetadataFile {folder}/idp.xml
    MellonSecureCookie On
    MellonCookieSameSite none
    {more}
</Location>
"""


@dataclass(frozen=True, slots=True)
class Material:
    """What `mellon_create_metadata` writes."""

    key: bytes
    certificate: bytes
    metadata: bytes


def site_of_our_page(apache: Apache, idp: IdentityProvider) -> tuple[str, Material]:
    """The page's own configuration, with our folder for its own; and what was created as it says."""
    found = _BLOCK.search(_PAGE)
    assert found is not None
    made = create_metadata(apache, f"{apache.url}/mellon/metadata", f"{apache.url}/mellon")
    apache.put("portal.key", made.key)
    apache.put("portal.cert", made.certificate)
    apache.put("portal.xml", made.metadata)
    apache.put("idp.xml", idp.metadata)
    return found[1].replace("/etc/apache2/mellon/", f"{apache.folder}/"), made


def site_with_format(apache: Apache, place: str, name_id_format: str) -> tuple[str, Material]:
    """An application below /PLACE that asks for this format, in its metadata as Mellon's manual says."""
    made = create_metadata(apache, f"{apache.url}/{place}/metadata", f"{apache.url}/{place}/mellon")
    wanted = f"<NameIDFormat>{name_id_format}</NameIDFormat>\n    <AssertionConsumerService"
    made = Material(
        made.key,
        made.certificate,
        made.metadata.replace(b"<AssertionConsumerService", wanted.encode(), 1),
    )
    _put(apache, place, made)
    return _place(apache, place, f"MellonSPMetadataFile {apache.folder}/{place}.xml"), made


def site_with_own_metadata(apache: Apache, place: str, more: str = "") -> tuple[str, Material]:
    """One below /PLACE of the other site, that publishes metadata of its own at /PLACE/mellon/metadata."""
    entity_id = f"{apache.other_url}/{place}/metadata"
    made = create_metadata(apache, entity_id, f"{apache.other_url}/{place}/mellon")
    _put(apache, place, made)
    return _place(apache, place, f"MellonSPentityId {entity_id}", more), made


def create_metadata(apache: Apache, entity_id: str, endpoint: str) -> Material:
    """Runs `mellon_create_metadata` in a folder of its own."""
    program = require_program("mellon_create_metadata", "libapache2-mod-auth-mellon")
    folder = apache.folder / f"created-{re.sub(r'[^0-9A-Za-z]+', '-', entity_id)}"
    folder.mkdir()
    subprocess.run([program, entity_id, endpoint], cwd=folder, capture_output=True, check=True)
    key, certificate, metadata = (next(folder.glob(f"*.{kind}")) for kind in ("key", "cert", "xml"))
    key.chmod(0o600)
    return Material(key.read_bytes(), certificate.read_bytes(), metadata.read_bytes())


def _put(apache: Apache, place: str, made: Material) -> None:
    for kind, octets in (("key", made.key), ("cert", made.certificate), ("xml", made.metadata)):
        apache.put(f"{place}.{kind}", octets)


def _place(apache: Apache, place: str, metadata: str, more: str = "") -> str:
    return _PLACE.format(place=place, folder=apache.folder, metadata=metadata, more=more)
