"""What a service provider would be told of an account: for `govdir sp test` and the administrators' page."""

from __future__ import annotations

from msgspec import Struct

from govdir.directory.service import Directory
from govdir.sso.accounts import Account
from govdir.sso.idp import endpoints
from govdir.sso.idp.access_rule import denial
from govdir.sso.idp.name_ids import NameIds, NoAddress
from govdir.sso.idp.outcomes import Denial
from govdir.sso.idp.registry import Known
from govdir.sso.idp.release import Release
from govdir.sso.saml.model import Attribute, NameId


class Preview(Struct, frozen=True):
    """`denial` None: the account may use it. `name_id` is what a request without wishes is answered with, of
    a transient one an example; None when the account has no address and needs one.

    `acs` and `logout` are where answers and LogoutRequests go ("" for none); `encrypted`, `signs_requests`
    and `second_factor` what is demanded. `unknown_sources` are configured attributes that there are not.
    """

    denial: Denial | None
    name_id: NameId | None
    attributes: tuple[Attribute, ...]
    acs: str
    logout: tuple[str, ...]
    encrypted: bool
    cannot_encrypt: bool
    signs_requests: bool
    second_factor: bool
    unknown_sources: tuple[str, ...]


def preview(
    known: Known, account: Account, *, directory: Directory, name_ids: NameIds, release: Release
) -> Preview:
    """What this account would be at this service provider."""
    settings = known.settings
    try:
        name_id = name_ids.name_id(settings.name_id, known.entity_id, account, None)
    except NoAddress:
        name_id = None
    refusal = denial(settings, account, directory)
    acs = endpoints.default_acs(known.metadata)
    return Preview(
        denial=refusal or (Denial.NO_MAILBOX if name_id is None else None),
        name_id=name_id,
        attributes=release.attributes(settings, known.entity_id, account),
        acs="" if acs is None else acs.location,
        logout=tuple(end.location for end in known.metadata.slo),
        encrypted=known.encryption is not None,
        cannot_encrypt=known.must_encrypt_but_cannot,
        signs_requests=known.signs_requests,
        second_factor=settings.second_factor,
        unknown_sources=tuple(
            wanted.source for wanted in settings.attributes if not release.is_known(wanted.source)
        ),
    )
