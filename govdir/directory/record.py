"""One entry of the image: its place in the tree and its stored form."""

from __future__ import annotations

from collections.abc import Iterator

from govdir.directory.ports import StoredEntry
from govdir.directory.shape import Shape


class Record:
    """One entry: its place in the tree and its stored form (directory.shape).

    `rdn` is UTF-8; `children` (by rdn_key) is None for a leaf; `parent` is None for the suffix, and also
    once the entry is gone, which `alive` tells apart.
    """

    __slots__ = (
        "alive",
        "body",
        "children",
        "id",
        "known_dn",
        "parent",
        "rdn",
        "rdn_key",
        "secrets",
        "shape",
        "version",
    )

    parent: Record | None
    children: dict[str, Record] | None

    def __init__(self, entry: StoredEntry, shape: Shape) -> None:
        self.id = entry.id
        self.parent = None
        self.children = None
        self.rdn = entry.rdn.encode()
        self.rdn_key = entry.rdn_key
        self.shape = shape
        self.body = entry.body
        self.secrets = entry.secrets
        self.version = entry.version
        self.alive = True
        self.known_dn: bytes | None = None

    @property
    def dn(self) -> bytes:
        """The distinguished name in UTF-8; remembered for entries with children."""
        held = self.known_dn
        if held is None:
            parent = self.parent
            held = self.rdn if parent is None else self.rdn + b"," + parent.dn
            if self.children is not None:
                self.known_dn = held
        return held

    @property
    def dn_text(self) -> str:
        """The distinguished name as text."""
        return self.dn.decode()

    @property
    def dn_key(self) -> str:
        """The normalised name (Dn.key)."""
        keys = [self.rdn_key]
        keys.extend(above.rdn_key for above in self.ancestors())
        return ",".join(keys)

    def ancestors(self) -> Iterator[Record]:
        """The entries above, parent first."""
        above = self.parent
        while above is not None:
            yield above
            above = above.parent

    def is_under(self, base: Record) -> bool:
        """Whether this is `base` or lies below it."""
        here: Record | None = self
        while here is not None:
            if here is base:
                return True
            here = here.parent
        return False

    def descendants(self) -> Iterator[Record]:
        """This entry and all below, parents first; safe against changes made between two steps."""
        yield self
        levels = [iter(list((self.children or {}).values()))]
        while levels:
            for here in levels[-1]:
                yield here
                if here.children:
                    levels.append(iter(list(here.children.values())))
                    break
            else:
                levels.pop()

    def values(self, key: str) -> list[bytes]:
        """All values of the attribute type with this key, its options and subtypes included."""
        found: list[bytes] = []
        for place in self.shape.by_attribute.get(key, ()):
            found += self.shape.values(self.body, place)
        return found

    @property
    def container(self) -> str | None:
        """The normalised RDN of the entry right below the suffix that is or holds this one, None for that."""
        here = self
        parent = here.parent
        if parent is None:
            return None
        while parent.parent is not None:
            here, parent = parent, parent.parent
        return here.rdn_key

    def forget_names(self) -> None:
        """Drops remembered names of this subtree after a move."""
        for here in self.descendants():
            here.known_dn = None
