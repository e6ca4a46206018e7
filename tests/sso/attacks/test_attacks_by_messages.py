"""Messages that are old, for others, or made to be costly or to be read otherwise than they were written."""

from __future__ import annotations

import base64
import zlib
from datetime import timedelta
from functools import partial
from operator import attrgetter
from tempfile import NamedTemporaryFile
from time import process_time
from typing import Any
from urllib.parse import quote

import pytest
from lxml import etree
from msgspec.structs import replace
from twisted.web.http import Request

from govdir.sso.saml import assertions, xml
from govdir.sso.saml.model import Attribute, Binding
from govdir.sso.saml.names import NAME_FORMAT_URI, saml
from govdir.web.channel import WebRequest
from tests.sso.attacks.attack import Attack, first, nothing, soon_nothing
from tests.sso.attacks.conftest import Opening
from tests.sso.attacks.place import HOST, Browser, Page, Place
from tests.sso.idp.stage import SLO, Application
from tests.sso.saml.samples import ASSERTION


def was_answered(page: Page) -> bool:
    """Whether the application got what it gets for a good request."""
    return page.posted is not None


# -- 6: once, and now -----------------------------------------------------------------------------------


def replayed(place: Place) -> bool:
    portal = place.register(Application("portal", signs=True))
    browser = place.signed_in()
    octets = portal.request(place.town.clock.now())
    assert was_answered(browser.brings(portal, octets))
    return was_answered(browser.brings(portal, octets)) or was_answered(browser.posts(portal.signed(octets)))


def made_then(place: Place, later: timedelta) -> bool:
    portal = place.register(Application("portal"))
    return was_answered(place.signed_in().brings(portal, portal.request(place.town.clock.now() + later)))


def forced_to_prove_nothing(place: Place) -> bool:
    """ForceAuthn, by somebody at a browser that its owner left open: the request goes through a browser in
    which nobody is signed in, and comes back to the one that is."""
    portal = place.register(Application("portal"))
    victim = place.signed_in()
    place.pass_time(minutes=30)
    own = place.browser()
    own.opens(portal, ForceAuthn="true")
    (pending,) = [kept for kept in place.stores.keeping.held if kept.startswith("sso:")]
    return was_answered(victim.get(f"/saml/sso/continue?flow={pending.removeprefix('sso:')}"))


def proved_at_any_time(pending: Any, session: Any) -> bool:
    return pending.seen and (pending.proved_before is None or session.authenticated > pending.proved_before)


# -- 7: for somebody else -------------------------------------------------------------------------------


def meant_for_another(place: Place) -> bool:
    portal = place.register(Application("portal", signs=True))
    browser = place.signed_in()
    others = (
        "https://sso.evil.example/saml/sso",
        "https://sso.cantho.gov.vn/saml/sso/continue",  # begins with ours
        "https://sso.cantho.gov.vn/saml/sso?x=1",
        "HTTPS://sso.cantho.gov.vn/saml/sso",
        SLO,
        None,  # a signed one must say it
    )
    return any(was_answered(browser.opens(portal, Destination=place_of)) for place_of in others)


# -- 10: entities ---------------------------------------------------------------------------------------


def with_doctype(octets: bytes, subset: str, issuer: str) -> bytes:
    begin, end = octets.index(b"<saml:Issuer>"), octets.index(b"</saml:Issuer>")
    changed = octets[:begin] + b"<saml:Issuer>" + issuer.encode() + octets[end:]
    return f"<!DOCTYPE r [{subset}]>".encode() + changed


def entities_are_read(place: Place) -> bool:
    portal = place.register(Application("portal"))
    octets = portal.request(place.town.clock.now())
    return was_answered(
        place.signed_in().posts(with_doctype(octets, f'<!ENTITY i "{portal.entity_id}">', "&i;"))
    )


def files_are_read(place: Place) -> bool:
    """The sender's name is in a file of ours: if the message is taken, the file was read."""
    portal = place.register(Application("portal"))
    octets = portal.request(place.town.clock.now())
    with NamedTemporaryFile("w", suffix=".txt") as file:
        file.write(portal.entity_id)
        file.flush()
        subset = f'<!ENTITY i SYSTEM "file://{file.name}">'
        return was_answered(place.signed_in().posts(with_doctype(octets, subset, "&i;")))


def careless_parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=True, load_dtd=True, no_network=False, huge_tree=True)


# -- 12: a bomb -----------------------------------------------------------------------------------------


def inflated(place: Place) -> bool:
    """A request of 8 MB in 8 kB: whether it was read to its end."""
    portal = place.register(Application("portal"))
    octets = portal.request(place.town.clock.now()) + b" " * 8_000_000
    compressor = zlib.compressobj(9, wbits=-15)
    packed = compressor.compress(octets) + compressor.flush()
    query = "SAMLRequest=" + quote(base64.b64encode(packed), safe="")
    assert len(query) < 16_000
    page = place.signed_in().get(f"/saml/sso?{query}")
    return was_answered(page) or "when inflated" not in page.said


# -- 13: a body without end -----------------------------------------------------------------------------


def swallowed(place: Place, *, chunked: bool) -> bool:
    """Five megabytes: whether more than the limit is heard out."""
    connection = place.connect()
    host = f"POST /saml/sso HTTP/1.1\r\nHost: {HOST}\r\n".encode()
    block = b"x" * 65_536
    if chunked:
        connection.say(host + b"Transfer-Encoding: chunked\r\n\r\n")
        heard = connection.say(*[b"10000\r\n" + block + b"\r\n"] * 80)
    else:
        heard = connection.say(host + b"Content-Length: 5242880\r\n\r\n")
        heard += connection.say(*[block] * 80)
    return b" 413 " not in heard or not connection.closed


def gets_length(self: WebRequest, length: int | None) -> None:
    Request.gotLength(self, length)  # type: ignore[no-untyped-call]


def gets_chunk(self: WebRequest, data: bytes) -> None:
    Request.handleContentChunk(self, data)  # type: ignore[no-untyped-call]


# -- 14: a comment in a name ----------------------------------------------------------------------------


def a_name_ends_at_a_comment(place: Place) -> bool:
    """An application that may sign out 'an@….evil' signs out An."""
    files = place.register(Application("files", slo=[(Binding.POST, "slo")]))
    browser = place.signed_in()
    browser.opens(files)
    name = place.name() + "<!-- -->.evil.example"
    octets = files.signed(files.logout(place.town.clock.now(), name))
    octets = octets.replace((place.name() + ".evil").encode(), name.encode().replace(b".example", b""))
    assert b"<!-- -->" in octets
    browser.posts(octets, to=SLO)
    return not place.sessions()


def parser_that_keeps_comments() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)


# -- 15: markup and control characters in what the directory holds --------------------------------------

INJECTED = '</saml:AttributeValue></saml:Attribute><saml:Attribute Name="role"><saml:AttributeValue>admin'


def markup_from_the_directory(place: Place) -> bool:
    hostile = Attribute("urn:oid:2.5.4.3", (INJECTED,), NAME_FORMAT_URI)
    element = assertions.assertion(replace(ASSERTION, attributes=(hostile,)))
    read = xml.parse(xml.serialize(element))
    return [one.get("Name") for one in read.iter(saml("Attribute"))] != ["urn:oid:2.5.4.3"]


def control_characters_stop_the_sign_on(place: Place) -> bool:
    hostile = Attribute("urn:oid:2.5.4.3", ("Lê\x01 An\x00\ufffe\ud800",), NAME_FORMAT_URI)
    try:
        assertions.assertion(replace(ASSERTION, attributes=(hostile,)))
    except ValueError:
        return True
    return False


def from_a_text_template(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    """How identity providers that put strings together come by their elements."""
    prefix = "saml:" + etree.QName(name).localname
    inner = f"<saml:Attribute><{prefix}>{text or ''}</{prefix}></saml:Attribute>"
    octets = f'<saml:Statement xmlns:saml="{xml.SAML}">{inner}</saml:Statement>'
    if "<" not in (text or ""):
        element = etree.SubElement(parent, name)
        element.text = text
        return element
    read = etree.fromstring(octets)
    statement = parent.getparent()
    assert statement is not None
    parent.extend(list(read[0]))
    for more in list(read)[1:]:
        statement.append(more)
    return parent[-1]


# -- 19: other encodings --------------------------------------------------------------------------------


def another_encoding_is_taken(place: Place) -> bool:
    portal = place.register(Application("portal"))
    browser = place.signed_in()
    page = browser.brings(portal, portal.request(place.town.clock.now()))
    assert was_answered(page)
    octets = portal.request(place.town.clock.now())
    compressor = zlib.compressobj(wbits=-15)
    packed = quote(base64.b64encode(compressor.compress(octets) + compressor.flush()), safe="")
    return was_answered(browser.get(f"/saml/sso?SAMLRequest={packed}&SAMLEncoding=urn:example:other"))


ATTACKS = (
    Attack(
        6,
        "a signed request a second time",
        replayed,
        {"govdir.sso.idp.single_sign_on:only_once": soon_nothing},
    ),
    Attack(
        6,
        "a request of yesterday",
        partial(made_then, later=-timedelta(minutes=6)),
        {"govdir.sso.idp.intake:MAX_AGE": timedelta(days=2)},
    ),
    Attack(
        6,
        "a request of tomorrow",
        partial(made_then, later=timedelta(minutes=4)),
        {"govdir.sso.idp.intake:MAX_SKEW": timedelta(days=2)},
    ),
    Attack(
        6,
        "a forced request met by a proof from before",
        forced_to_prove_nothing,
        {"govdir.sso.idp.single_sign_on:_is_proved_anew": proved_at_any_time},
    ),
    Attack(7, "a request to another", meant_for_another, {"govdir.sso.idp.intake:meant_for": nothing}),
    Attack(
        10,
        "an entity",
        entities_are_read,
        {"govdir.sso.saml.xml:no_doctype": nothing, "govdir.sso.saml.xml:_parser": careless_parser},
    ),
    Attack(
        10,
        "a file of ours as an entity",
        files_are_read,
        {"govdir.sso.saml.xml:no_doctype": nothing, "govdir.sso.saml.xml:_parser": careless_parser},
    ),
    Attack(
        12,
        "a bomb of DEFLATE",
        inflated,
        {"govdir.sso.saml.redirect:MAX_INFLATED_BYTES": 1 << 30},
    ),
    *(
        Attack(
            13,
            f"a body without end {'in chunks' if chunked else 'as announced'}",
            partial(swallowed, chunked=chunked),
            {
                "govdir.web.channel:WebRequest.gotLength": gets_length,
                "govdir.web.channel:WebRequest.handleContentChunk": gets_chunk,
            },
        )
        for chunked in (False, True)
    ),
    Attack(
        14,
        "a comment in a name",
        a_name_ends_at_a_comment,
        {"govdir.sso.saml.xml:_parser": parser_that_keeps_comments},
    ),
    Attack(
        15,
        "markup in what the directory holds",
        markup_from_the_directory,
        {"govdir.sso.saml.assertions:child": from_a_text_template},
    ),
    Attack(
        15,
        "control characters in what the directory holds",
        control_characters_stop_the_sign_on,
        {"govdir.sso.saml.assertions:clean": first},
    ),
    Attack(
        19,
        "an encoding other than DEFLATE",
        another_encoding_is_taken,
        {"govdir.sso.saml.redirect:only_deflate": nothing},
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


# -- more of the kind -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "prologue",
    [
        b'<!DOCTYPE r [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;&a;">]>',
        b"\xef\xbb\xbf<!DOCTYPE r>",
        b'<?xml version="1.0"?>\n<!-- c --><!DOCTYPE r SYSTEM "http://127.0.0.1/x.dtd">',
        b'<?xml version="1.1"?><!DOCTYPE r>',
    ],
)
def test_no_document_type_is_taken_whatever_stands_before_it(place: Place, prologue: bytes) -> None:
    portal = place.register(Application("portal"))

    page = place.signed_in().posts(prologue + portal.request(place.town.clock.now()))

    assert page.status == 400
    assert "DOCTYPE" in page.said


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "utf-7", "cp037"])
def test_no_document_type_hides_in_another_encoding(place: Place, encoding: str) -> None:
    portal = place.register(Application("portal"))
    octets = '<?xml version="1.0"?><!DOCTYPE r>' + portal.request(place.town.clock.now()).decode()

    assert place.signed_in().posts(octets.encode(encoding)).status == 400


def bombs(octets: bytes) -> dict[str, bytes]:
    head, rest = octets.split(b" ", 1)
    many = b" ".join(b'a%d="x"' % number for number in range(20_000))
    spaces = b" ".join(b'xmlns:n%d="urn:n%d"' % (number, number) for number in range(4_000))
    return {
        "attributes": head + b" " + many + b" " + rest,
        "namespaces": head + b" " + spaces + b" " + rest,
        "depth": octets.replace(
            b"</samlp:AuthnRequest>", b"<a>" * 30_000 + b"</a>" * 30_000 + b"</samlp:AuthnRequest>"
        ),
        "elements": octets.replace(b"</samlp:AuthnRequest>", b"<a/>" * 50_000 + b"</samlp:AuthnRequest>"),
        "one attribute": head + b' a="' + b"&#38;" * 45_000 + b'" ' + rest,
        "signatures": octets.replace(
            b"</samlp:AuthnRequest>",
            b'<d:Signature xmlns:d="http://www.w3.org/2000/09/xmldsig#"/>' * 3_000 + b"</samlp:AuthnRequest>",
        ),
        "collisions": head
        + b" "
        + b" ".join(b'xmlns:%s="urn:x"' % (b"a" * number) for number in range(1, 600))
        + b" "
        + rest,
    }


@pytest.mark.parametrize(
    "kind", ["attributes", "namespaces", "depth", "elements", "one attribute", "signatures", "collisions"]
)
def test_a_message_made_to_be_costly_costs_next_to_nothing(place: Place, kind: str) -> None:
    portal = place.register(Application("portal", signs=True))
    octets = bombs(portal.signed(portal.request(place.town.clock.now())))[kind]
    assert len(octets) < xml.MAX_MESSAGE_BYTES
    browser = place.browser()

    began = process_time()
    page = browser.posts(octets)
    spent = process_time() - began

    assert page.status == 400
    assert spent < 0.5  # of which most is the page


def test_a_parameter_twice_is_nobodys(place: Place) -> None:
    portal = place.register(Application("portal"))
    octets = portal.request(place.town.clock.now())
    body = "SAMLRequest=" + quote(base64.b64encode(octets), safe="")
    browser: Browser = place.signed_in()

    for twice in (
        f"{body}&{body}",
        f"{body}&SAMLRequest=",
        f"{body}&RelayState=a&RelayState=b",
        f"{body}&SAMLResponse=a",
    ):
        page = browser.ask("POST", "/saml/sso", twice.encode())
        assert page.status == 400, twice[-40:]


@pytest.mark.parametrize("octet", ["\x00", "%00"])
def test_a_nul_is_nobodys(place: Place, octet: str) -> None:
    portal = place.register(Application("portal"))
    browser = place.signed_in()
    octets = portal.request(place.town.clock.now())

    evil = octets.replace(b"</saml:Issuer>", octet.encode() + b".evil</saml:Issuer>")
    assert browser.posts(evil).status in (400, 403)
    page = browser.brings(portal, octets, relay_state="a\x00b")
    assert not was_answered(page)


@pytest.mark.parametrize(
    "change",
    [
        (b"ID=", b"xml:id="),
        (b"ID=", b'xml:id="_other" ID='),
        (b'Version="2.0"', b'Version="2.0" samlp:Version="1.1"'),
        (b'Version="2.0"', b'Version="1.1"'),
        (b"xmlns:samlp=", b'xmlns:x="relative" x:a="" xmlns:samlp='),
        (b"xmlns:samlp=", b'xml:base="https://evil.example" xmlns:samlp='),
        (
            b"samlp:AuthnRequest ",
            b'samlp:AuthnRequest xsi:type="samlp:LogoutRequestType"'
            b' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ',
        ),
    ],
    ids=[
        "xml:id alone",
        "xml:id beside",
        "foreign Version",
        "old Version",
        "relative namespace",
        "xml:base",
        "xsi:type",
    ],
)
def test_tricks_with_names_and_types_are_refused_or_change_nothing(
    place: Place, change: tuple[bytes, bytes]
) -> None:
    portal = place.register(Application("portal"))
    octets = portal.request(place.town.clock.now()).replace(*change, 1)

    page = place.signed_in().posts(octets)

    assert page.status == 400 or (page.posted is not None and page.posted[0] == portal.acs[0])
    assert page.status != 500
