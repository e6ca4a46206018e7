"""How answers are signed and encrypted, by the settings of each application."""

from __future__ import annotations

import pytest

from govdir.sso.idp.key_ring import KeyRing
from govdir.sso.model import Encryption
from govdir.sso.saml.keys import VerificationKeys
from govdir.sso.saml.names import ds
from tests.sso.idp.stage import Application, Stage, key

RSA = "http://www.w3.org/2001/04/xmldsig-more#rsa-"
GCM, CBC = "http://www.w3.org/2009/xmlenc11#aes", "http://www.w3.org/2001/04/xmlenc#aes"


@pytest.mark.parametrize(
    ("settings", "signed"),
    [
        ({}, ("response", "assertion")),
        ({"sign_response": False}, ("assertion",)),
        ({"sign_assertion": False}, ("response",)),
        ({"sign_assertion": False, "sign_response": False}, ("response",)),
    ],
)
def test_what_is_signed_is_as_the_settings_say_and_never_nothing(
    stage: Stage, settings: dict[str, bool], signed: tuple[str, ...]
) -> None:
    portal = stage.register(Application("portal"), **settings)

    assert portal.read(stage.ask(portal, stage.signed_in())).signed == signed


def test_metadata_that_wants_the_assertion_signed_gets_it_so(stage: Stage) -> None:
    class Wanting(Application):
        def metadata(self) -> bytes:
            plain = b"<md:SPSSODescriptor "
            return super().metadata().replace(plain, plain + b'WantAssertionsSigned="true" ')

    portal = stage.register(Wanting("portal"), sign_assertion=False)

    assert portal.read(stage.ask(portal, stage.signed_in())).signed == ("response", "assertion")


def test_a_refusal_is_signed_though_answers_need_not_be(stage: Stage) -> None:
    portal = stage.register(Application("portal"), sign_response=False)

    assert portal.read(stage.ask(portal, IsPassive="true")).signed == ("response",)


@pytest.mark.parametrize("method", ["sha256", "sha384", "sha512"])
def test_the_method_is_the_one_that_was_chosen(stage: Stage, method: str) -> None:
    portal = stage.register(Application("portal"), signature_method=RSA + method)

    root = portal.read(stage.ask(portal, stage.signed_in())).root

    assert root is not None
    assert {one.get("Algorithm") for one in root.iter(ds("SignatureMethod"))} == {RSA + method}


@pytest.mark.parametrize(
    "method", [GCM + "256-gcm", GCM + "192-gcm", GCM + "128-gcm", CBC + "256-cbc", CBC + "128-cbc"]
)
def test_who_publishes_a_key_gets_assertions_encrypted_with_it(stage: Stage, method: str) -> None:
    portal = stage.register(Application("portal", encrypts=True), encryption_method=method)

    answer = portal.read(stage.ask(portal, stage.signed_in()))

    assert answer.signed == ("response", "encrypted", "assertion")
    assert answer.name == "lvan@cantho.gov.vn"
    assert answer.root is not None
    data = answer.root.find(".//{http://www.w3.org/2001/04/xmlenc#}EncryptionMethod")
    assert data is not None
    assert data.get("Algorithm") == method


def test_encryption_can_be_switched_off(stage: Stage) -> None:
    portal = stage.register(Application("portal", encrypts=True), encryption=Encryption.NEVER)

    assert portal.read(stage.ask(portal, stage.signed_in())).signed == ("response", "assertion")


def test_where_encryption_is_demanded_nothing_goes_out_unencrypted(stage: Stage) -> None:
    portal = stage.register(Application("portal"), encryption=Encryption.REQUIRED)

    answer = portal.read(stage.ask(portal, stage.signed_in()))

    assert (answer.status, answer.second) == ("Responder", "RequestUnsupported")
    assert stage.last_line().detail == "metadata has no key to encrypt for"


@pytest.mark.parametrize(("pin", "signer"), [("current", "idp2"), ("old", "idp")])
def test_after_a_roll_over_a_pinned_application_still_gets_the_old_key(
    stage: Stage, pin: str, signer: str
) -> None:
    portal = stage.register(Application("portal"), signing_key=pin)
    stage.idp.use_keys(KeyRing(key("idp2"), old=key("idp")))
    portal.of_idp = VerificationKeys.of([key(signer).certificate])

    assert portal.read(stage.ask(portal, stage.signed_in())).signed == ("response", "assertion")
