"""Whether somebody is on a list, by the image's index: as quick for ten thousand named members as for ten."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from govdir.directory.image import Image, Record
from govdir.directory.service import Directory
from govdir.mailattrs.list_members import Search, finds
from govdir.schema.errors import InvalidValue

LIST_CLASS: Final = "gdmaillist"


class ListMembership:
    """Of one directory; implements list_members.IsOn."""

    def __init__(self, directory: Directory, search: Search) -> None:
        self._directory = directory
        self._search = search
        rule = directory.vocabulary.describe("member").attribute.equality
        self._key: Callable[[bytes], bytes] = bytes.lower if rule is None else rule.key

    def __call__(self, list_dn: str, person_dn: str) -> bool:
        """Lists on the list are opened, each once, so that lists that hold one another come to an end."""
        image, schema = self._directory.image, self._directory.schema
        path = self._directory.path_of(list_dn)
        here = None if path is None else image.find(path)
        if here is None:
            return False
        person, opened, waiting = self._key_of(person_dn.encode()), {here.id}, [here]
        while waiting:
            here = waiting.pop()
            if self._holds(here, person):
                return True
            urls = (value.decode("utf-8", "replace") for value in here.values("memberurl"))
            if any(finds(url, person_dn, schema, self._search) for url in urls):
                return True
            for each in _lists(image) if "member" in here.shape.by_attribute else ():
                if each.id not in opened and self._holds(here, self._key_of(each.dn)):
                    opened.add(each.id)
                    waiting.append(each)
        return False

    def _key_of(self, dn: bytes) -> bytes | None:
        try:
            return self._key(dn)
        except InvalidValue:
            return None

    def _holds(self, record: Record, key: bytes | None) -> bool:
        return key is not None and self._directory.image.indexes["member"].holds(key, record)


def _lists(image: Image) -> Iterator[Record]:
    for shape in image.shapes:
        if LIST_CLASS in shape.classes:
            yield from shape.members
