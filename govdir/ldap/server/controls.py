"""What the controls of a request ask for, read once before the request has any effect (RFC 4511 §4.1.11)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from govdir.directory.errors import ProtocolError, UnavailableCriticalExtension
from govdir.directory.options import PLAIN_SEARCH, PLAIN_WRITE, PageRequest, SearchOptions, WriteOptions
from govdir.ldap.codec.controls import oids
from govdir.ldap.codec.controls.assertion import decode_assertion
from govdir.ldap.codec.controls.effective_rights import decode_rights_question
from govdir.ldap.codec.controls.list_view import decode_list_view
from govdir.ldap.codec.controls.matched_values import decode_matched_values
from govdir.ldap.codec.controls.paged_results import decode_paged_results
from govdir.ldap.codec.controls.read_entry import decode_read_request
from govdir.ldap.codec.controls.session_tracking import TrackedSession, decode_tracked_session
from govdir.ldap.codec.controls.sorting import decode_sort_request
from govdir.ldap.codec.controls.subentries import decode_subentries
from govdir.ldap.codec.controls.values import expect_critical, expect_no_value, value_of
from govdir.ldap.codec.errors import DecodeError
from govdir.ldap.codec.messages import Control


class Asked(Struct, frozen=True):
    """What the controls of one request come to.

    `search` and `write` are for the directory. `proxied_as` is the authorization identity to act under (RFC
    4370), None: one's own. `transaction` is the identifier of the one the update belongs to (RFC 5805).
    `password_policy`: the answer is to tell of the password policy. `tracked` is on whose behalf a program
    asks.
    """

    search: SearchOptions = PLAIN_SEARCH
    write: WriteOptions = PLAIN_WRITE
    proxied_as: str | None = None
    transaction: bytes | None = None
    password_policy: bool = False
    tracked: TrackedSession | None = None


NOTHING_ASKED: Final = Asked()


def read_controls(controls: tuple[Control, ...], taken: frozenset[str]) -> Asked:
    """What `controls` ask of an operation that takes those named by `taken`.

    Raises:
        UnavailableCriticalExtension: a critical control that the operation does not take.
        ProtocolError: a control twice, or with a value that is not its own.
    """
    asked = NOTHING_ASKED
    seen = set()
    for control in controls:
        if control.oid in seen:
            raise ProtocolError(f"control {control.oid} appears twice")
        seen.add(control.oid)
        if control.oid in taken:
            try:
                asked = _READERS[control.oid](control, asked)
            except DecodeError as error:
                raise ProtocolError(error.why) from error
        elif control.critical:
            raise UnavailableCriticalExtension(f"critical control {control.oid} is not available here")
    return asked


def _search(asked: Asked, **options: Any) -> Asked:
    return replace(asked, search=replace(asked.search, **options))


def _write(asked: Asked, **options: Any) -> Asked:
    return replace(asked, write=replace(asked.write, **options))


def _page(control: Control, asked: Asked) -> Asked:
    paged = decode_paged_results(control)
    return _search(asked, page=PageRequest(paged.size, paged.cookie))


def _sort(control: Control, asked: Asked) -> Asked:
    return _search(asked, sort=decode_sort_request(control), sort_critical=control.critical)


def _assertion(control: Control, asked: Asked) -> Asked:
    asserted = decode_assertion(control)
    return _write(_search(asked, assertion=asserted), assertion=asserted)


def _manage_dsa_it(control: Control, asked: Asked) -> Asked:
    expect_no_value(control)
    return _write(_search(asked, manage_dsa_it=True), manage_dsa_it=True)


def _proxied(control: Control, asked: Asked) -> Asked:
    expect_critical(control)  # "protocolError" otherwise, RFC 4370 §3
    try:
        return replace(asked, proxied_as=value_of(control).decode())
    except UnicodeDecodeError:
        raise DecodeError("proxied authorization: authzId: not UTF-8") from None


def _dont_use_copy(control: Control, asked: Asked) -> Asked:
    expect_critical(control)  # RFC 6171 §3
    expect_no_value(control)
    return asked  # every process answers from what it has applied itself, and none holds a copy


def _transaction(control: Control, asked: Asked) -> Asked:
    expect_critical(control)  # RFC 5805 §2.2
    return replace(asked, transaction=value_of(control))


def _flag(put: Callable[[Asked], Asked]) -> Callable[[Control, Asked], Asked]:
    def read(control: Control, asked: Asked) -> Asked:
        expect_no_value(control)
        return put(asked)

    return read


_READERS: Final[Mapping[str, Callable[[Control, Asked], Asked]]] = {
    oids.ACCOUNT_USABLE: _flag(lambda asked: _search(asked, account_usable=True)),
    oids.ASSERTION: _assertion,
    oids.DONT_USE_COPY: _dont_use_copy,
    oids.EFFECTIVE_RIGHTS: lambda control, asked: _search(asked, rights=decode_rights_question(control)),
    oids.MANAGE_DSA_IT: _manage_dsa_it,
    oids.MATCHED_VALUES: lambda control, asked: _search(asked, matched_values=decode_matched_values(control)),
    oids.NO_OP: _flag(lambda asked: _write(asked, no_op=True)),
    oids.PAGED_RESULTS: _page,
    oids.PASSWORD_POLICY: _flag(lambda asked: replace(asked, password_policy=True)),
    oids.PERMISSIVE_MODIFY: _flag(lambda asked: _write(asked, permissive=True)),
    oids.POST_READ: lambda control, asked: _write(asked, post_read=decode_read_request(control)),
    oids.PRE_READ: lambda control, asked: _write(asked, pre_read=decode_read_request(control)),
    oids.PROXIED_AUTHORIZATION: _proxied,
    oids.SESSION_TRACKING: lambda control, asked: replace(asked, tracked=decode_tracked_session(control)),
    oids.SORT_REQUEST: _sort,
    oids.SUBENTRIES: lambda control, asked: _search(asked, subentries=decode_subentries(control)),
    oids.TRANSACTION: _transaction,
    oids.TREE_DELETE: _flag(lambda asked: _write(asked, subtree=True)),
    oids.VIRTUAL_LIST_VIEW_REQUEST: lambda control, asked: _search(asked, view=decode_list_view(control)),
}
