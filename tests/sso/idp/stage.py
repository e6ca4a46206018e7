"""A town with an identity provider over ports in memory, and applications that talk to it as SAML asks."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from itertools import count
from typing import Any

from lxml import etree
from msgspec.structs import replace

from govdir.directory.channels import WEB
from govdir.policy.load import load_province
from govdir.sso.accounts import Account, Accounts
from govdir.sso.idp.key_ring import KeyRing
from govdir.sso.idp.outcomes import Arrival, Outcome, PostForm, Redirect, Visitor
from govdir.sso.idp.provider import IdentityProvider
from govdir.sso.idp.site import Site
from govdir.sso.model import Factor, Happened, ServiceProvider, ServiceSettings, Session
from govdir.sso.saml import encryption, post, redirect, schemas, signatures, soap, xml
from govdir.sso.saml.keys import SigningKey, VerificationKeys, make_signing_key
from govdir.sso.saml.model import Binding
from govdir.sso.saml.names import ds, saml, samlp
from govdir.sso.saml.values import write_time
from tests.directory.building import SONV, SOTTTT, Town
from tests.sso.memory_ports import (
    DirectWork,
    MemoryBackChannel,
    MemoryKeeping,
    MemoryServices,
    MemorySessions,
    MemoryTrail,
    run,
)

URL = "https://sso.cantho.gov.vn"
IDP = f"{URL}/saml/metadata"
SSO = f"{URL}/saml/sso"
SLO = f"{URL}/saml/slo"
SOAP = f"{URL}/saml/slo/soap"
SECRET = bytes(range(32))
AN, BINH = f"uid=an,{SONV}", f"uid=binh,{SOTTTT}"
PROTOCOL = (
    'xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"'
)
EMAIL = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"


@cache
def key(name: str) -> SigningKey:
    """A key of that name, made once; they take long."""
    return SigningKey.load(*make_signing_key(name))


@dataclass
class Answer:
    """What an application reads in a Response, its signatures verified: codes without their prefix."""

    status: str
    second: str | None
    message: str | None
    in_response_to: str | None
    destination: str
    relay_state: str | None
    name_id: etree._Element | None = None
    attributes: dict[str, list[str]] = field(default_factory=dict)
    context: str | None = None
    session_index: str = ""
    signed: tuple[str, ...] = ()
    root: etree._Element | None = None

    @property
    def name(self) -> str | None:
        return None if self.name_id is None else self.name_id.text


class Application:
    """A service provider: its metadata, what it sends, how it reads."""

    def __init__(
        self,
        name: str,
        *,
        acs: Iterable[str] = ("acs",),
        slo: Iterable[tuple[Binding, str]] = (),
        signs: bool = False,
        has_key: bool = True,
        encrypts: bool = False,
        own_key: str = "",
    ) -> None:
        self.name = name
        self.url = f"https://{name}.example.vn"
        self.entity_id = f"{self.url}/metadata"
        self.acs = [f"{self.url}/{path}" for path in acs]
        self.slo = [(binding, f"{self.url}/{path}") for binding, path in slo]
        self.signs = signs
        self.has_key = has_key
        self.encrypts = encrypts
        self.key = key(own_key or name)
        self.of_idp = VerificationKeys.of([key("idp").certificate])
        self._ids = count(1)

    # -- metadata ----------------------------------------------------------------------------------------

    def metadata(self) -> bytes:
        return f"""<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"
          xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="{self.entity_id}">
          <md:SPSSODescriptor AuthnRequestsSigned="{str(self.signs).lower()}"
            protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
            {self._key("signing") if self.has_key else ""}{self._key("encryption") if self.encrypts else ""}
            {"".join(f'<md:SingleLogoutService Binding="{b}" Location="{url}"/>' for b, url in self.slo)}
            {"".join(self._acs(index, url) for index, url in enumerate(self.acs))}
          </md:SPSSODescriptor></md:EntityDescriptor>""".encode()

    def _key(self, use: str) -> str:
        certificate = base64.b64encode(self.key.certificate).decode()
        return (
            f'<md:KeyDescriptor use="{use}"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}'
            "</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
        )

    def _acs(self, index: int, url: str) -> str:
        return f'<md:AssertionConsumerService Binding="{Binding.POST}" Location="{url}" index="{index}"/>'

    def registered(self, **settings: Any) -> ServiceProvider:
        return ServiceProvider(self.entity_id, self.name, self.metadata(), ServiceSettings(**settings))

    # -- requests ----------------------------------------------------------------------------------------

    def request(
        self,
        now: datetime,
        *,
        content: str = "",
        issuer: str | None = None,
        request_id: str | None = None,
        **attributes: str | None,
    ) -> bytes:
        """An AuthnRequest; `content` stands behind the Issuer, attributes None are left out."""
        said = {
            "ID": request_id or f"_{self.name}-{next(self._ids)}",
            "Version": "2.0",
            "IssueInstant": write_time(now),
            "Destination": SSO,
            **attributes,
        }
        written = " ".join(f'{name}="{value}"' for name, value in said.items() if value is not None)
        return (
            f"<samlp:AuthnRequest {PROTOCOL} {written}>"
            f"<saml:Issuer>{issuer or self.entity_id}</saml:Issuer>{content}</samlp:AuthnRequest>"
        ).encode()

    def logout(
        self,
        now: datetime,
        name: str,
        *,
        format_: str = EMAIL,
        indexes: Iterable[str] = (),
        extensions: str = "",
        **attributes: str | None,
    ) -> bytes:
        """A LogoutRequest."""
        said = {
            "ID": f"_{self.name}-{next(self._ids)}",
            "Version": "2.0",
            "IssueInstant": write_time(now),
            "Destination": SLO,
            **attributes,
        }
        written = " ".join(f'{key}="{value}"' for key, value in said.items() if value is not None)
        told = "".join(f"<samlp:SessionIndex>{index}</samlp:SessionIndex>" for index in indexes)
        return (
            f"<samlp:LogoutRequest {PROTOCOL} {written}><saml:Issuer>{self.entity_id}</saml:Issuer>"
            f'{extensions}<saml:NameID Format="{format_}">{name}</saml:NameID>{told}</samlp:LogoutRequest>'
        ).encode()

    def logout_answer(
        self, now: datetime, in_response_to: str, *, status: str = "Success", destination: str = SLO
    ) -> bytes:
        """A LogoutResponse."""
        return (
            f'<samlp:LogoutResponse {PROTOCOL} ID="_{self.name}-{next(self._ids)}" Version="2.0"'
            f' IssueInstant="{write_time(now)}" Destination="{destination}" InResponseTo="{in_response_to}">'
            f"<saml:Issuer>{self.entity_id}</saml:Issuer><samlp:Status>"
            f'<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:{status}"/></samlp:Status>'
            "</samlp:LogoutResponse>"
        ).encode()

    def signed(self, octets: bytes) -> bytes:
        """The message with a signature inside, as POST and SOAP carry it."""
        root = xml.parse(octets)
        signatures.sign(root, self.key)
        return xml.serialize(root)

    # -- answers -----------------------------------------------------------------------------------------

    def read(self, outcome: Outcome) -> Answer:
        """The Response in a form, after everything an honest application checks."""
        assert isinstance(outcome, PostForm), outcome
        fields = dict(outcome.fields)
        assert next(iter(fields)) == "SAMLResponse"
        root = xml.parse(base64.b64decode(fields["SAMLResponse"]))
        schemas.check(root)
        assert root.get("Destination") == outcome.location
        answer = _status_of(root, fields.get("RelayState"))
        signed = []
        if root.find(ds("Signature")) is not None:
            signatures.verified_metadata(root, self.of_idp)  # also the assertion bears one
            signed.append("response")
        assertion = root.find(saml("Assertion"))
        encrypted = root.find(saml("EncryptedAssertion"))
        if encrypted is not None:
            assertion = encryption.decrypt(encrypted, [self.key])
            signed.append("encrypted")
        if assertion is not None:
            alone = xml.parse(xml.serialize(assertion))
            if alone.find(ds("Signature")) is not None:
                signatures.verified(alone, self.of_idp)
                signed.append("assertion")
            _read_assertion(answer, alone, self.entity_id)
        answer.signed = tuple(signed)
        answer.root = root
        return answer

    def read_logout(self, outcome: Outcome) -> etree._Element:
        """The message of single logout that a browser brings, its signature verified."""
        if isinstance(outcome, Redirect):
            location, _, query = outcome.url.partition("?")
            message = redirect.read(query.encode())
            redirect.check(message, self.of_idp)
            root = xml.parse(message.xml)
            root.set("relay", message.relay_state or "")
        else:
            assert isinstance(outcome, PostForm), outcome
            location, fields = outcome.location, dict(outcome.fields)
            octets = base64.b64decode(fields.get("SAMLRequest") or fields["SAMLResponse"])
            root = signatures.verified(xml.parse(octets), self.of_idp)
            root.set("relay", fields.get("RelayState", ""))
        assert root.get("Destination") == location
        assert location in [url for _, url in self.slo]
        return root

    def by_soap(self, clock: Callable[[], datetime], status: str = "Success") -> Callable[[bytes], bytes]:
        """A server that signs out whoever it is asked to."""

        def serve(envelope: bytes) -> bytes:
            request = signatures.verified(soap.read(envelope), self.of_idp)
            answer = self.logout_answer(clock(), request.attrib["ID"], status=status)
            return soap.wrap(xml.parse(self.signed(answer)))

        return serve


def _status_of(root: etree._Element, relay_state: str | None) -> Answer:
    outer = root.find(f"{samlp('Status')}/{samlp('StatusCode')}")
    assert outer is not None
    inner = outer.find(samlp("StatusCode"))
    return Answer(
        status=outer.attrib["Value"].rpartition(":")[2],
        second=None if inner is None else inner.attrib["Value"].rpartition(":")[2],
        message=root.findtext(f"{samlp('Status')}/{samlp('StatusMessage')}"),
        in_response_to=root.get("InResponseTo"),
        destination=root.attrib["Destination"],
        relay_state=relay_state,
    )


def _read_assertion(answer: Answer, assertion: etree._Element, audience: str) -> None:
    confirmation = assertion.find(f".//{saml('SubjectConfirmationData')}")
    assert confirmation is not None
    assert confirmation.get("Recipient") == answer.destination
    assert confirmation.get("InResponseTo") == answer.in_response_to
    assert assertion.findtext(f".//{saml('Audience')}") == audience
    answer.name_id = assertion.find(f"{saml('Subject')}/{saml('NameID')}")
    answer.context = assertion.findtext(f".//{saml('AuthnContextClassRef')}")
    statement = assertion.find(saml("AuthnStatement"))
    assert statement is not None
    answer.session_index = statement.attrib["SessionIndex"]
    for attribute in assertion.iter(saml("Attribute")):
        name = attribute.get("FriendlyName") or attribute.attrib["Name"]
        assert name not in answer.attributes
        answer.attributes[name] = [value.text or "" for value in attribute]


@dataclass
class Begun:
    """A sign-in that the identity provider has asked for."""

    id: str
    purpose: str
    force: Session | None
    step_up: Session | None
    needs_code: bool
    name_hint: str
    through: str


class Door:
    """Stands for sso.sign_in."""

    def __init__(self) -> None:
        self.begun: list[Begun] = []

    async def begin(
        self,
        purpose: str,
        *,
        force: Session | None = None,
        step_up: Session | None = None,
        needs_code: bool = False,
        name_hint: str = "",
        through: str = WEB,
    ) -> Begun:
        number = len(self.begun) + 1
        self.begun.append(Begun(f"flow{number}", purpose, force, step_up, needs_code, name_hint, through))
        return self.begun[-1]


class Stage:
    """The identity provider of a town and everything around it."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.clock = town.clock
        self.accounts = Accounts(town.directory, load_province("cantho"))
        self.sessions = MemorySessions()
        self.keeping = MemoryKeeping()
        self.services = MemoryServices()
        self.trail = MemoryTrail()
        self.back_channel = MemoryBackChannel()
        self.door = Door()
        self.slow = DirectWork()
        self.idp = self.provider(KeyRing(key("idp")))
        self._tokens = count(1)

    def provider(self, keys: KeyRing) -> IdentityProvider:
        """One more process on the same storage."""
        return IdentityProvider(
            site=Site(URL, "cantho.gov.vn", (("vi", "Đăng nhập một lần"),), (("vi", "Thành phố Cần Thơ"),)),
            keys=keys,
            secret=SECRET,
            directory=self.town.directory,
            sessions=self.sessions,
            keeping=self.keeping,
            services=self.services,
            trail=self.trail,
            back_channel=self.back_channel,
            sign_ins=self.door,
            slow=self.slow,
            clock=self.clock,
            seconds=lambda: self.clock.now().timestamp(),
        )

    def register(self, application: Application, **settings: Any) -> Application:
        """The application, known with these settings."""
        service = application.registered(**settings)
        held = self.services.held.get(service.entity_id)
        if held is not None:
            service = replace(service, version=held.version + 1)
        assert run(self.services.put(service))
        self.clock.pass_time(seconds=2)  # so that the registry looks again
        return application

    # -- people ------------------------------------------------------------------------------------------

    def account(self, dn: str = AN) -> Account:
        path = self.town.directory.path_of(dn)
        assert path is not None
        record = self.town.directory.image.find(path)
        assert record is not None
        return self.accounts.of(record)

    def signed_in(self, dn: str = AN, *factors: Factor) -> Visitor:
        """A browser with a fresh session of that person."""
        account, now = self.account(dn), self.clock.now()
        session = Session(
            key=b"session %d" % next(self._tokens),
            entry_uuid=account.entry_uuid,
            began=now,
            seen=now,
            ends=now + timedelta(hours=10),
            authenticated=now,
            factors=frozenset(factors) or frozenset({Factor.PASSWORD}),
            proof=account.proof,
            network="203.0.113.7",
            agent="Firefox, Linux",
        )
        run(self.sessions.add(session))
        return Visitor(session, account, "203.0.113.7", "Firefox, Linux")

    # -- messages ----------------------------------------------------------------------------------------

    def by_redirect(
        self,
        application: Application,
        octets: bytes,
        *,
        visitor: Visitor | None = None,
        relay_state: str | None = None,
        signed: bool = False,
        is_request: bool = True,
    ) -> Arrival:
        """The message as a browser brings it in a URL."""
        if signed:
            url = redirect.url(
                SSO, octets, is_request=is_request, relay_state=relay_state, key=application.key
            )
            query = url.partition("?")[2]
        else:
            url = redirect.url(
                SSO, octets, is_request=is_request, relay_state=relay_state, key=application.key
            )
            query = url.partition("?")[2].partition("&SigAlg=")[0]
        return Arrival(Binding.REDIRECT, visitor or Visitor(), raw_query=query.encode())

    def by_post(
        self,
        octets: bytes,
        *,
        visitor: Visitor | None = None,
        relay_state: str | None = None,
        has_cookies: bool = True,
        is_request: bool = True,
    ) -> Arrival:
        """The message as a browser brings it in a form."""
        text = post.encode(octets)
        return Arrival(
            Binding.POST,
            visitor or Visitor(),
            saml_request=text if is_request else None,
            saml_response=None if is_request else text,
            relay_state=relay_state,
            has_cookies=has_cookies,
        )

    def ask(
        self,
        application: Application,
        visitor: Visitor | None = None,
        *,
        content: str = "",
        relay_state: str | None = None,
        **attributes: str | None,
    ) -> Outcome:
        """What comes of an AuthnRequest by Redirect, signed when the application signs."""
        octets = application.request(self.clock.now(), content=content, **attributes)
        arrival = self.by_redirect(
            application, octets, visitor=visitor, relay_state=relay_state, signed=application.signs
        )
        return run(self.idp.authn_request(arrival))

    def proceed(self, visitor: Visitor | None = None, begun: Begun | None = None) -> Outcome:
        """What comes of it when the browser returns from the sign-in begun last."""
        pending_id = (begun or self.door.begun[-1]).purpose.rpartition("=")[2]
        return run(self.idp.proceed(pending_id, visitor or Visitor()))

    def last_line(self) -> Happened:
        return self.trail.lines[-1]
