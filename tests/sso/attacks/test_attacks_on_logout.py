"""People signed out by others, and names that are encrypted tried out."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from operator import attrgetter
from typing import Any

import pytest
from lxml import etree
from msgspec import msgpack

from govdir.sso.idp import intake
from govdir.sso.idp.logout_progress import Logouts, Progress
from govdir.sso.idp.outcomes import Redirect
from govdir.sso.idp.single_logout import SingleLogout
from govdir.sso.saml import encryption, xml
from govdir.sso.saml.model import Binding
from govdir.sso.saml.names import saml, samlp
from govdir.sso.saml.values import write_time
from govdir.web.form_tokens import FIELD
from tests.sso.attacks.attack import Attack, nothing, soon_nothing
from tests.sso.attacks.conftest import Opening
from tests.sso.attacks.place import ATTACKER, Place
from tests.sso.idp.stage import PERSISTENT, PROTOCOL, SLO, SOAP, Application, key

# -- 26: signed out by others ---------------------------------------------------------------------------


def office(place: Place) -> tuple[Application, Application]:
    """An works with one application, and has another open that is not to be trusted."""
    files = place.register(Application("files", slo=[(Binding.REDIRECT, "slo")]))
    evil = place.register(Application("evil", slo=[(Binding.REDIRECT, "slo")]))
    browser = place.signed_in()
    browser.opens(files)
    assert [one.entity_id for one in place.told()] == [files.entity_id]
    return files, evil


def without_signature(place: Place, *, by: str) -> bool:
    files, _ = office(place)
    browser, now = place.browser(ATTACKER), place.town.clock.now()
    if by == "redirect":
        browser.leaves(files, place.name(), signed=False)
    elif by == "post":
        browser.posts(files.logout(now, place.name()), to=SLO)
    else:
        octets = files.logout(now, place.name(), Destination=SOAP)
        envelope = b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>%b</s:Body></s:Envelope>'
        browser.ask("POST", "/saml/slo/soap", envelope % octets, {"Content-Type": "text/xml"})
    return not place.sessions()


read = intake._read


def taken_for_signed(root: Any, known: Any, keys: Any, *, is_signed: bool, relay_state: Any) -> Any:
    return read(root, known, keys, is_signed=True, relay_state=relay_state)


def by_another_application(place: Place) -> bool:
    """Signed, by one that was never told of An, and by its name for itself."""
    _, evil = office(place)
    place.browser(ATTACKER).leaves(evil, place.name())
    return not place.sessions()


async def whoever_is_called_so(self: SingleLogout, _known: Any, request: Any) -> Any:
    told = self._resources.sessions.told  # type: ignore[attr-defined]
    return [one for one in told if one.name_id.value == request.name_id.value]


def past_its_end(place: Place) -> bool:
    files, _ = office(place)
    over = write_time(place.town.clock.now() - timedelta(minutes=4))
    place.browser(ATTACKER).leaves(files, place.name(), NotOnOrAfter=over)
    return not place.sessions()


def a_second_time(place: Place) -> bool:
    """Overheard: it has signed An out once, and An is back."""
    files, _ = office(place)
    octets = files.logout(place.town.clock.now(), place.name())
    place.browser().brings(files, octets, to=SLO, signed=True)
    assert not place.sessions()
    place.signed_in().opens(files)
    place.browser(ATTACKER).brings(files, octets, to=SLO, signed=True)
    return not place.sessions()


def a_forged_answer(place: Place) -> bool:
    """The application never signed An out; somebody says it did, and the page says all is done."""
    files, _ = office(place)
    browser = place.browser()
    browser.sign_in(place.name(), "Hoa-sen-trang-927")
    browser.opens(files)
    page = browser.go(browser.post("/sign-out", {FIELD: browser.token("/sign-out")}))
    (advance,) = [each for each in page.tree.xpath("//main//a/@href") if "action=next" in each]
    page = browser.get(advance)
    assert page.location.startswith(files.slo[0][1])
    (step,) = [
        step
        for kept in place.stores.keeping.held.values()
        if kept.id.startswith("slo:")
        for step in _steps(kept.payload)
    ]
    forged = files.logout_answer(place.town.clock.now(), step)
    page = browser.go(browser.brings(files, forged, to=SLO, signed=False, is_request=False))
    return page.status == 200 and "files signed out" in page.said


def _steps(payload: bytes) -> list[str]:
    return [step.request_id for step in msgpack.decode(payload, type=Progress).steps if step.request_id]


def read_by_an_application(place: Place) -> bool:
    """The request that an application is sent has an ID that leads to the page of the logout: whoever runs
    the application looks there for the others, and for the names they know An by."""
    first = place.register(Application("evil", slo=[(Binding.REDIRECT, "slo")]))
    second = place.register(Application("files", slo=[(Binding.REDIRECT, "slo")]), name_id=PERSISTENT)
    browser = place.signed_in()
    browser.opens(first)
    browser.opens(second)
    page = browser.go(browser.post("/sign-out", {FIELD: browser.token("/sign-out")}))
    (advance,) = [each for each in page.tree.xpath("//main//a/@href") if "action=next" in each]
    asked = first.read_logout(Redirect(browser.get(advance).location))
    logout_id = str(asked.get("ID")).partition("-")[0].removeprefix("_")
    stranger = place.browser(ATTACKER)
    stranger.get("/sign-in")
    pages = [
        stranger.get(f"/saml/slo/continue?logout={logout_id}&action={action}")
        for action in ("", "skip", "next", "retry")
    ]
    assert browser.get(f"/saml/slo/continue?logout={logout_id}").status == 200
    return any("files" in page.text or "SAMLRequest" in page.location for page in pages)


find_logout = Logouts.find


async def of_any_browser(self: Logouts, logout_id: str, _mark: bytes) -> Any:
    return await find_logout(self, logout_id)


# -- 30: a cipher text to try things on -----------------------------------------------------------------


def decrypted_for_strangers(place: Place, *, broken_signature: bool) -> bool:
    """Whether our key is used on what nobody known has signed."""
    files = place.register(Application("files", slo=[(Binding.POST, "slo")]))
    now = place.town.clock.now()
    name = xml.parse(f"<saml:NameID {PROTOCOL}>an@cantho.gov.vn</saml:NameID>".encode())
    ours = encryption.EncryptionKey.of(key("idp").certificate)
    hidden = encryption.encrypt(xml.serialize(name), ours)
    hidden.tag = saml("EncryptedID")
    root = xml.parse(files.logout(now, "x"))
    plain = root.find(saml("NameID"))
    assert plain is not None
    root.replace(plain, hidden)
    octets = xml.serialize(root)
    if broken_signature:
        octets = files.signed(octets).replace(b'Version="2.0"', b'Version="2.0" Reason="x"', 1)
    tried: list[object] = []
    decrypt = encryption.decrypt

    def seen(element: etree._Element, keys: Any) -> Any:
        if keys:
            tried.append(element)
        return decrypt(element, keys)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encryption, "decrypt", seen)
        place.browser(ATTACKER).posts(octets, to=SLO)
    assert root.tag == samlp("LogoutRequest")
    return bool(tried)


def unchecked(root: etree._Element, _keys: Any) -> etree._Element:
    return root


ATTACKS = (
    *(
        Attack(
            26,
            f"signed out without a signature by {by}",
            partial(without_signature, by=by),
            {"govdir.sso.idp.intake:_read": taken_for_signed},
        )
        for by in ("redirect", "post", "soap")
    ),
    Attack(
        26,
        "signed out by another application",
        by_another_application,
        {"govdir.sso.idp.single_logout:SingleLogout._meant": whoever_is_called_so},
    ),
    Attack(
        26,
        "signed out by a message past its end",
        past_its_end,
        {"govdir.sso.idp.intake:of_this_hour": nothing},
    ),
    Attack(
        26,
        "signed out by a message that was overheard",
        a_second_time,
        {"govdir.sso.idp.single_logout:only_once": soon_nothing},
    ),
    Attack(
        26, "an answer that was made up", a_forged_answer, {"govdir.sso.idp.intake:_read": taken_for_signed}
    ),
    Attack(
        26,
        "a logout followed by an application",
        read_by_an_application,
        {"govdir.sso.idp.logout_progress:Logouts.of_browser": of_any_browser},
    ),
    Attack(
        30,
        "a name decrypted without a signature",
        partial(decrypted_for_strangers, broken_signature=False),
        {"govdir.sso.idp.intake:_read": taken_for_signed},
    ),
    Attack(
        30,
        "a name decrypted under a broken signature",
        partial(decrypted_for_strangers, broken_signature=True),
        {"govdir.sso.saml.signatures:verified": unchecked},
    ),
)


@pytest.mark.parametrize("attack", ATTACKS, ids=attrgetter("id"))
def test_the_attack_fails(attack: Attack, opened: Opening) -> None:
    assert not attack.succeeds(opened())


@pytest.mark.parametrize("attack", ATTACKS, ids=attrgetter("id"))
def test_without_its_guards_it_succeeds(
    attack: Attack, opened: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    attack.weaken(monkeypatch)

    assert attack.succeeds(opened())


def test_whatever_is_wrong_with_a_cipher_text_is_told_alike(place: Place) -> None:
    """Also to an application that signs: it learns nothing of other applications' names by trying."""
    files = place.register(Application("files", slo=[(Binding.POST, "slo")]))
    ours = encryption.EncryptionKey.of(key("idp").certificate)
    told = set()
    for plain, method in (
        (b"<a/>", encryption.EncryptionMethod.AES256_GCM),
        (b"no xml", encryption.EncryptionMethod.AES128_CBC),
        (
            b'<saml:NameID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"/>',
            encryption.EncryptionMethod.AES256_CBC,
        ),
    ):
        for cut in (0, 1, 16):
            hidden = encryption.encrypt(plain, ours, method)
            hidden.tag = saml("EncryptedID")
            value = list(hidden.iter(xml.name(xml.XENC, "CipherValue")))[-1]
            value.text = (value.text or "")[cut * 4 :]
            root = xml.parse(files.logout(place.town.clock.now(), "x"))
            name = root.find(saml("NameID"))
            assert name is not None
            root.replace(name, hidden)
            page = place.browser(ATTACKER).posts(files.signed(xml.serialize(root)), to=SLO)
            told.add((page.status, page.said))
    assert len(told) == 1
