"""What a request may ask for besides what the operation itself says: the controls that concern entries."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from govdir.ldap.codec.controls.effective_rights import RightsQuestion
from govdir.ldap.codec.controls.list_view import ListView
from govdir.ldap.codec.controls.sorting import SortKey
from govdir.ldap.codec.filters import Filter


class PageRequest(Struct, frozen=True):
    """RFC 2696: the page size and the cookie of the previous page, b"" for the first."""

    size: int
    cookie: bytes


class SearchOptions(Struct, frozen=True):
    """How a search is to be done.

    `page`, `sort`, `view`: see the controls; `sort_critical`: no result is better than an unsorted one.
    `subentries` None: the control is absent, subentries show in base searches only; True: only they show,
    False: everything else does. `matched_values`: only values that match one of these are returned.
    `assertion`: what the base entry must match (RFC 4528). `manage_dsa_it`: referral objects are entries
    (RFC 3296). `account_usable`: tell of each entry whether it may sign in. `rights`: tell of each entry what
    somebody may do with it.
    """

    page: PageRequest | None = None
    sort: tuple[SortKey, ...] = ()
    sort_critical: bool = False
    view: ListView | None = None
    subentries: bool | None = None
    matched_values: tuple[Filter, ...] = ()
    assertion: Filter | None = None
    manage_dsa_it: bool = False
    account_usable: bool = False
    rights: RightsQuestion | None = None


class WriteOptions(Struct, frozen=True):
    """How a change is to be made.

    `assertion`: what the entry must match, else AssertionFailed (RFC 4528). `pre_read`, `post_read`: the
    attributes to return of the entry before and after it (None: the control is absent). `permissive`: adding
    what is there and deleting what is not succeed. `no_op`: check everything and change nothing. `subtree`: a
    delete takes what is below along. `manage_dsa_it`: referral objects are entries.
    """

    assertion: Filter | None = None
    pre_read: tuple[str, ...] | None = None
    post_read: tuple[str, ...] | None = None
    permissive: bool = False
    no_op: bool = False
    subtree: bool = False
    manage_dsa_it: bool = False


class Written(Struct, frozen=True):
    """What came of a change: the name under which the entry is stored now; the entry before and after it as
    content octets of a SearchResultEntry, where they were asked for and may be read; a password that was
    made up. Where it was not `performed` (no-op), what would have come of it."""

    dn: str
    before: bytes | None = None
    after: bytes | None = None
    generated: bytes | None = None
    performed: bool = True

    def __repr__(self) -> str:
        return f"Written({self.dn!r})"


PLAIN_SEARCH: Final = SearchOptions()
PLAIN_WRITE: Final = WriteOptions()
