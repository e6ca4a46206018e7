"""Who may use a service provider: the administrator's rule, applied to an account."""

from __future__ import annotations

from govdir.directory.errors import InvalidDn
from govdir.directory.service import Directory
from govdir.policy.kinds import MailboxKind
from govdir.sso.accounts import Account
from govdir.sso.idp.outcomes import Denial
from govdir.sso.model import ServiceSettings


def denial(settings: ServiceSettings, account: Account, directory: Directory) -> Denial | None:
    """Why the account may not use the service provider; None: it may.

    A mailbox whose entry names no state is active; an entry that is no mailbox has none, and gets in nowhere.
    """
    state = _word(account.state) or ("active" if account.address else "")
    if not state:
        return Denial.NO_MAILBOX
    if state not in {_word(allowed) for allowed in settings.states}:
        return Denial.STATE
    if settings.kinds and _kind(account.attributes.text("gdMailboxKind") or "") not in {
        _kind(allowed) for allowed in settings.kinds
    }:
        return Denial.KIND
    if settings.agencies and not any(
        _works_below(account, agency, directory) for agency in settings.agencies
    ):
        return Denial.AGENCY
    if settings.roles and not {_word(role.value) for role in account.roles} & {
        _word(allowed) for allowed in settings.roles
    }:
        return Denial.ROLE
    return None


def _works_below(account: Account, agency: str, directory: Directory) -> bool:
    """Whether the account is that body, or in it; never, once there is no such body any more."""
    try:
        path = directory.path_of(agency)
    except InvalidDn:
        return False
    body = None if path is None else directory.image.find(path)
    record = directory.image.by_id(account.record_id)
    return body is not None and record is not None and record.is_under(body)


def _word(text: str) -> str:
    return text.strip().replace("-", "").lower()


def _kind(text: str) -> str:
    """The values of gdMailboxKind; the command line's word for "org" is "agency"."""
    word = text.strip().lower()
    return MailboxKind.AGENCY.attribute_value if word == MailboxKind.AGENCY.value else word
