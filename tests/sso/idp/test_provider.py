"""The identity provider's metadata, and what it tells administrators beforehand."""

from __future__ import annotations

import base64

import pytest

from govdir.sso.idp.key_ring import KeyRing
from govdir.sso.idp.outcomes import Denial
from govdir.sso.model import Encryption, ReleasedAttribute
from govdir.sso.saml import schemas, signatures, xml
from govdir.sso.saml.keys import VerificationKeys
from govdir.sso.saml.names import ds, md
from tests.directory.building import ADMIN
from tests.sso.idp.stage import IDP, PERSISTENT, SLO, SOAP, SSO, Application, Stage, key
from tests.sso.memory_ports import run


def test_metadata_is_signed_and_says_where_everything_is(stage: Stage) -> None:
    root = xml.parse(stage.idp.metadata())

    schemas.check(root)
    signatures.verified_metadata(root, VerificationKeys.of([key("idp").certificate]))
    assert root.get("entityID") == IDP
    places = {
        (end.tag.rpartition("}")[2], end.attrib["Binding"].rpartition(":")[2], end.attrib["Location"])
        for end in root.iter("{*}SingleSignOnService", "{*}SingleLogoutService")
    }
    assert places == {
        ("SingleSignOnService", "HTTP-Redirect", SSO),
        ("SingleSignOnService", "HTTP-POST", SSO),
        ("SingleLogoutService", "HTTP-Redirect", SLO),
        ("SingleLogoutService", "HTTP-POST", SLO),
        ("SingleLogoutService", "SOAP", SOAP),
    }
    assert root.findtext(".//{urn:mace:shibboleth:metadata:1.0}Scope") == "cantho.gov.vn"


def test_a_key_is_published_before_it_signs_and_after_it_did(stage: Stage) -> None:
    stage.idp.metadata()
    stage.idp.use_keys(KeyRing(key("idp"), next=key("idp2"), old=key("portal")))

    root = xml.parse(stage.idp.metadata())

    published = [
        base64.b64decode(certificate.text or "")
        for descriptor in root.iter(md("KeyDescriptor"))
        if descriptor.get("use") == "signing"
        for certificate in descriptor.iter(ds("X509Certificate"))
    ]
    assert published == [key(name).certificate for name in ("idp", "idp2", "portal")]


def test_metadata_is_made_once(stage: Stage) -> None:
    assert stage.idp.metadata() is stage.idp.metadata()


def test_a_preview_shows_what_an_application_would_be_told(stage: Stage) -> None:
    portal = stage.register(
        Application("portal", encrypts=True, signs=True),
        name_id=PERSISTENT,
        attributes=(ReleasedAttribute("mail"), ReleasedAttribute("nonsense")),
        second_factor=True,
    )
    answer_later = stage.account()

    preview = run(stage.idp.preview("portal", answer_later))

    assert preview is not None
    assert preview.denial is None
    assert preview.name_id is not None
    assert preview.name_id.sp_name_qualifier == portal.entity_id
    assert [(one.friendly_name, one.values) for one in preview.attributes] == [
        ("mail", ("lvan@cantho.gov.vn",))
    ]
    assert preview.unknown_sources == ("nonsense",)
    assert (preview.acs, preview.logout) == ("https://portal.example.vn/acs", ())
    assert (preview.encrypted, preview.signs_requests, preview.second_factor) == (True, True, True)


def test_a_preview_shows_the_very_name_of_the_answer(stage: Stage) -> None:
    portal = stage.register(Application("portal"), name_id=PERSISTENT)

    preview = run(stage.idp.preview("portal", stage.account()))

    assert preview is not None
    assert preview.name_id is not None
    assert preview.name_id.value == portal.read(stage.ask(portal, stage.signed_in())).name


def test_a_preview_says_who_is_kept_out_and_what_is_missing(stage: Stage) -> None:
    stage.register(Application("portal"), roles=("auditor",), encryption=Encryption.REQUIRED)

    of_an = run(stage.idp.preview("portal", stage.account()))
    of_admin = run(stage.idp.preview("portal", stage.account(ADMIN)))

    assert of_an is not None
    assert of_admin is not None
    assert (of_an.denial, of_an.cannot_encrypt) == (Denial.ROLE, True)
    assert (of_admin.denial, of_admin.name_id) == (Denial.NO_MAILBOX, None)


def test_there_is_no_preview_of_what_is_not_registered(stage: Stage) -> None:
    assert run(stage.idp.preview("portal", stage.account())) is None


@pytest.mark.parametrize("name", ["portal"])
def test_two_processes_give_the_same_name_and_the_same_index(stage: Stage, name: str) -> None:
    portal = stage.register(Application(name), name_id=PERSISTENT)
    visitor = stage.signed_in()
    here = portal.read(stage.ask(portal, visitor))
    stage.idp = stage.provider(KeyRing(key("idp")))

    there = portal.read(stage.ask(portal, visitor))

    assert (here.name, here.session_index) == (there.name, there.session_index)


def test_a_sign_in_begun_in_one_process_goes_on_in_another(stage: Stage) -> None:
    portal = stage.register(Application("portal"))
    stage.ask(portal, relay_state="here")
    stage.idp = stage.provider(KeyRing(key("idp")))

    assert portal.read(stage.proceed(stage.signed_in())).relay_state == "here"
