"""Which mailing list is meant: by address, its cn, name or DN."""

from __future__ import annotations

import click

from govdir.cli.command import Function
from govdir.cli.language import say
from govdir.cli.local import LocalDirectory
from govdir.cli.outcome import Refused
from govdir.cli.people import MAX_CANDIDATES, Found, lines, name_of, read
from govdir.directory.addresses import canonical
from govdir.mailattrs.folding import name_key
from govdir.policy.texts import Wording

_UNKNOWN = Wording("Danh bạ không có danh sách “{text}”.", 'The directory has no mailing list "{text}".')
_SEVERAL = Wording(
    "“{text}” chỉ nhiều danh sách; hãy ghi địa chỉ:", '"{text}" is several lists; give the address:'
)
_THERE_ARE = Wording("Có các danh sách:", "There are:")


def list_argument(function: Function) -> Function:
    """Decorates a function with the argument LIST, given to it as `text`."""
    return click.argument("text", metavar="LIST")(function)


def find_list(local: LocalDirectory, text: str) -> Found:
    """The one list meant. Raises Refused, listing candidates."""
    lists = [read(local, dn) for dn in local.find("(objectClass=gdMailList)")]
    whole = text if "@" in text else f"{text}@{local.core.config.mail_domain}"
    address = canonical(local.directory.image, whole)
    key = name_key(text)
    found = [one for one in lists if address in one.addresses]
    found = found or [one for one in lists if one.dn.lower() == text.lower()]
    found = found or [one for one in lists if key and key in (name_key(name_of(one.attributes)), _cn(one))]
    if len(found) == 1:
        return found[0]
    if found:
        raise Refused(say(_SEVERAL, text=text), *lines(local, found))
    some = lines(local, lists[:MAX_CANDIDATES])
    raise Refused(say(_UNKNOWN, text=text), *((say(_THERE_ARE), *some) if some else ()))


def _cn(found: Found) -> str:
    return name_key(found.attributes.text("cn") or "")
