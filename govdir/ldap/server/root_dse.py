"""The entries that describe the server itself: root DSE (RFC 4512 §5.1) and subschema (RFC 4512 §4.2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from govdir.directory.handle import Handle
from govdir.directory.matches import Matches
from govdir.directory.service import Directory
from govdir.ldap.codec.filters import Equality
from govdir.ldap.codec.messages import CompareRequest, DerefAliases, Scope, SearchRequest

SUBSCHEMA_NAME = "cn=subschema"
VENDOR_NAME = "govdir"
SUPPORTED_FEATURES = (
    "1.3.6.1.1.14",  # Modify-Increment, RFC 4525
    "1.3.6.1.4.1.4203.1.5.1",  # All Operational Attributes "+", RFC 3673
    "1.3.6.1.4.1.4203.1.5.2",  # Requesting Attributes by Object Class "@class", RFC 4529
    "1.3.6.1.4.1.4203.1.5.3",  # True/False filters, RFC 4526
    "1.3.6.1.4.1.4203.1.5.4",  # Language Tag Options, RFC 3866
    "1.3.6.1.4.1.4203.1.5.5",  # Language Range Options, RFC 3866
)

OwnAttribute = tuple[str, bool, Sequence[bytes]]
"""Description, whether it is operational, values."""


class OwnEntries:
    """Answers searches and compares of the root DSE and the subschema entry.

    `longest_name` is a bound on the length of their names, so that other searches pass with one comparison.
    `vendor_version` is the program's, `started` (aware) stands for the schema's age, `extensions` and
    `controls` are the OIDs of what is really there.
    """

    longest_name = len("commonName = subschema")

    def __init__(
        self,
        directory: Directory,
        *,
        extensions: Iterable[str],
        controls: Iterable[str],
        vendor_version: str,
        started: datetime,
    ) -> None:
        self._suffix = str(directory.suffix)
        self._root = _root_dse(self._suffix, extensions, controls, vendor_version)
        self._subschema = _subschema(directory, started)

    def search(self, request: SearchRequest, handle: Handle) -> Matches | None:
        """The matches when the base is one of these entries, else None."""
        base = request.base
        if base:
            if _is_subschema(base):
                if request.scope is Scope.SINGLE_LEVEL:
                    return Matches(())
                return _matches(handle, request, SUBSCHEMA_NAME, self._subschema)
            return None
        if request.scope is Scope.BASE_OBJECT:
            return _matches(handle, request, "", self._root)
        # The root's subordinate is the naming context; it is itself in no subtree (RFC 4512 §5.1).
        scope = Scope.BASE_OBJECT if request.scope is Scope.SINGLE_LEVEL else Scope.WHOLE_SUBTREE
        return handle.search(msgspec.structs.replace(request, base=self._suffix, scope=scope))

    def compare(self, request: CompareRequest, handle: Handle) -> bool | None:
        """Whether the value is there when the entry is one of these, else None."""
        if not request.entry:
            name, attributes = "", self._root
        elif _is_subschema(request.entry):
            name, attributes = SUBSCHEMA_NAME, self._subschema
        else:
            return None
        asserted = Equality(request.attribute, request.assertion_value)
        search = SearchRequest(name, Scope.BASE_OBJECT, DerefAliases.NEVER, 0, 0, False, asserted, ("1.1",))
        return handle.search_static(search, name, attributes) is not None


def _matches(
    handle: Handle, request: SearchRequest, name: str, attributes: Sequence[OwnAttribute]
) -> Matches:
    content = handle.search_static(request, name, attributes)
    return Matches(() if content is None else (content,))


def _is_subschema(name: str) -> bool:
    if len(name) > OwnEntries.longest_name:
        return False
    attribute, _, value = name.lower().partition("=")
    return attribute.strip() in ("cn", "2.5.4.3", "commonname") and value.strip() == "subschema"


def _encoded(texts: Iterable[str]) -> tuple[bytes, ...]:
    return tuple(text.encode() for text in texts)


def _root_dse(
    suffix: str, extensions: Iterable[str], controls: Iterable[str], vendor_version: str
) -> tuple[OwnAttribute, ...]:
    return (
        ("objectClass", False, (b"top",)),
        ("namingContexts", True, _encoded([suffix])),
        ("subschemaSubentry", True, _encoded([SUBSCHEMA_NAME])),
        ("supportedControl", True, _encoded(sorted(controls))),
        ("supportedExtension", True, _encoded(sorted(extensions))),
        ("supportedFeatures", True, _encoded(SUPPORTED_FEATURES)),
        ("supportedLDAPVersion", True, (b"3",)),
        ("vendorName", True, _encoded([VENDOR_NAME])),
        ("vendorVersion", True, _encoded([vendor_version])),
    )


def _subschema(directory: Directory, started: datetime) -> tuple[OwnAttribute, ...]:
    """RFC 4512 §4.2; the times let clients keep what they read (RFC 4512 §4.2, last paragraph)."""
    stamp = _encoded([started.strftime("%Y%m%d%H%M%SZ")])
    texts = directory.schema.subschema_values()
    return (
        ("objectClass", False, (b"top", b"subentry", b"subschema", b"extensibleObject")),
        ("cn", False, (b"subschema",)),
        ("structuralObjectClass", True, (b"subentry",)),
        ("subschemaSubentry", True, _encoded([SUBSCHEMA_NAME])),
        ("entryDN", True, _encoded([SUBSCHEMA_NAME])),
        ("createTimestamp", True, stamp),
        ("modifyTimestamp", True, stamp),
        *((name, True, _encoded(values)) for name, values in texts.items()),
    )
