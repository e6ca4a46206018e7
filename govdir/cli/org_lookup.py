"""Which body is meant: by label, address, name or DN."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from govdir.cli.language import say
from govdir.cli.local import LocalDirectory
from govdir.cli.outcome import Refused
from govdir.cli.people import MAX_CANDIDATES, Found, lines, read
from govdir.directory.addresses import canonical
from govdir.directory.errors import InvalidDn, NoSuchObject
from govdir.mailattrs.folding import name_key
from govdir.policy.texts import Wording

_UNKNOWN = Wording("Danh bạ không có cơ quan, đơn vị “{body}”.", 'The directory has no body "{body}".')
_SEVERAL = Wording(
    "“{body}” chỉ nhiều cơ quan, đơn vị; hãy ghi địa chỉ hoặc DN:",
    '"{body}" is several bodies; give the address or the DN:',
)
_ALIKE = Wording("Gần giống:", "Much alike:")
_LIKENESS = 0.6  # of difflib: a typing slip or a word left out


def all_bodies(local: LocalDirectory, base: str | None = None) -> Iterator[Found]:
    """Every body, parents first."""
    for dn in local.find("(objectClass=gdOrganization)", base):
        yield read(local, dn)


def find_body(local: LocalDirectory, body: str) -> Found:
    """The one body meant. Raises Refused, listing candidates.

    An address (or its local part) goes before a label, that before a name; names are compared folded.
    """
    if "=" in body:
        return _by_dn(local, body)
    bodies = list(all_bodies(local))
    whole = body if "@" in body else f"{body}@{local.core.config.mail_domain}"
    address = canonical(local.directory.image, whole)
    for wanted, names in ((address, _addresses), (body.lower(), _labels), (name_key(body), names_of)):
        found = [one for one in bodies if wanted and wanted in names(one)]
        if len(found) == 1:
            return found[0]
        if found:
            raise Refused(say(_SEVERAL, body=body), *lines(local, found))
    raise Refused(say(_UNKNOWN, body=body), *_alike(local, body, bodies))


def label_of(found: Found) -> str:
    """The label as registered."""
    return found.attributes.text("gdOrgCode") or found.attributes.text("ou") or ""


def _by_dn(local: LocalDirectory, dn: str) -> Found:
    try:
        found = read(local, dn)
    except (NoSuchObject, InvalidDn):
        raise Refused(say(_UNKNOWN, body=dn)) from None
    if "gdorganization" not in found.attributes.object_classes:
        raise Refused(say(_UNKNOWN, body=dn))
    return found


def _addresses(found: Found) -> list[str]:
    return found.addresses


def _labels(found: Found) -> list[str]:
    attributes = found.attributes
    domains = (each.partition(".")[0] for each in attributes.texts("associatedDomain"))
    return [each.lower() for each in (*attributes.texts("gdOrgCode"), *attributes.texts("ou"), *domains)]


def names_of(found: Found) -> list[str]:
    """What the body may be called, folded."""
    attributes = found.attributes
    return [
        name_key(text) for name in ("displayName", "description", "ou") for text in attributes.texts(name)
    ]


def _alike(local: LocalDirectory, body: str, bodies: list[Found]) -> list[str]:
    key = name_key(body)
    known = {text: one for one in bodies for text in (*names_of(one), *_labels(one)) if text}
    near = [text for text in known if key and key in text]
    near += get_close_matches(key, known, MAX_CANDIDATES, _LIKENESS)
    found = list({known[text].dn: known[text] for text in near}.values())[:MAX_CANDIDATES]
    return [say(_ALIKE), *lines(local, found)] if found else []
