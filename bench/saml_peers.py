"""The same answer made by others on the same machine, in one thread and without HTTP: what signing costs.

govdir and python3-saml sign in process; pysaml2 runs the program xmlsec1 for each signature.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import which
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from onelogin.saml2.constants import OneLogin_Saml2_Constants as Constants
from onelogin.saml2.utils import OneLogin_Saml2_Utils as Utils
from saml2 import BINDING_HTTP_REDIRECT
from saml2.config import IdPConfig
from saml2.saml import NAMEID_FORMAT_EMAILADDRESS
from saml2.saml import NameID as PysamlNameId
from saml2.server import Server
from saml2.xmldsig import DIGEST_SHA256, SIG_RSA_SHA256

from bench.report import OURS, Row
from bench.saml_application import ACS, ENTITY_ID, Application
from govdir.sso.saml import assertions, redirect, requests, responses, statuses, xml
from govdir.sso.saml.keys import SignatureMethod, SigningKey, VerificationKeys
from govdir.sso.saml.model import Assertion, Attribute, NameId, NameIdFormat, Response

ONE_LOGIN: Final = "python3-saml"
PYSAML2: Final = "pysaml2"
_ISSUER: Final = "https://id.cantho.gov.vn/saml/metadata"
_PASSWORD: Final = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
_URI: Final = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"
_REQUEST: Final = "_00112233445566778899aabbccddeeff00112233"
_VALUES: Final = {
    "urn:oid:0.9.2342.19200300.100.1.3": ("mail", "nvhoa@cantho.gov.vn"),
    "urn:oid:2.16.840.1.113730.3.1.241": ("displayName", "Nguyễn Văn Hòa - Sở Nội vụ"),
    "urn:oid:2.5.4.3": ("cn", "Nguyễn Văn Hòa"),
    "urn:oid:2.5.4.42": ("givenName", "Hòa"),
    "urn:oid:2.5.4.4": ("sn", "Nguyễn"),
    "urn:oid:2.5.4.12": ("title", "Chuyên viên"),
    "urn:oid:2.5.4.10": ("o", "Sở Nội vụ"),
    "urn:oid:0.9.2342.19200300.100.1.1": ("uid", "nvhoa"),
}
_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class KeyFiles:
    """The identity provider's key and certificate in files of their own, as the peers want them."""

    key: Path
    certificate: Path

    @classmethod
    def of(cls, both: bytes, folder: Path) -> KeyFiles:
        """From a PEM file that holds both."""
        files = cls(folder / "peers.key", folder / "peers.crt")
        key, certificate = load_pem_private_key(both, None), x509.load_pem_x509_certificate(both)
        files.key.write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        )
        files.certificate.write_bytes(certificate.public_bytes(Encoding.PEM))
        return files


def rows(files: KeyFiles, application: Application, rounds: int) -> Iterator[Row]:
    """Milliseconds of processor time an answer: the whole by each maker, then govdir's by part."""
    whole = {OURS: _ours(files), ONE_LOGIN: _one_login(files)}
    if which("xmlsec1"):
        whole[PYSAML2] = _pysaml2(files, application)
    values = _in_turn(whole, rounds)
    for peer in [name for name in whole if name != OURS]:
        title = f"processor time of an answer, {peer}"
        row = Row(f"answer-{peer}", title, "ms", more_is_better=False, wanted=1.0, anchor=peer)
        row.values = {OURS: values[OURS], peer: values[peer]}
        yield row
    for name, each in _in_turn(_parts(files, application), rounds).items():
        row = Row(f"part-{name}", f"of it: {name}", "ms", more_is_better=False)
        row.values[OURS] = each
        yield row


def _in_turn(makers: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    values: dict[str, list[float]] = {name: [] for name in makers}
    for maker in makers.values():
        maker()
    for _ in range(rounds):
        for name, maker in makers.items():
            values[name].append(_cost(maker))
    return values


def _cost(maker: Callable[[], object]) -> float:
    """Milliseconds of processor time, that of child processes included."""
    begin, made, deadline = _processor(), 0, time.perf_counter() + _SECONDS
    while time.perf_counter() < deadline:
        maker()
        made += 1
    return round((_processor() - begin) / made * 1000, 3)


def _processor() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _contents() -> tuple[Response, Assertion]:
    now = datetime.now(UTC)
    assertion = Assertion(
        id="_" + "a1" * 20,
        issuer=_ISSUER,
        issued_at=now,
        audience=ENTITY_ID,
        recipient=ACS,
        name_id=NameId("nvhoa@cantho.gov.vn", NameIdFormat.EMAIL),
        not_before=now - timedelta(minutes=1),
        not_on_or_after=now + timedelta(minutes=5),
        authenticated_at=now,
        context_class=_PASSWORD,
        session_index="_" + "b2" * 20,
        in_response_to=_REQUEST,
        session_ends=None,
        attributes=tuple(
            Attribute(name, (value,), _URI, friendly) for name, (friendly, value) in _VALUES.items()
        ),
    )
    return Response("_" + "c3" * 20, _ISSUER, now, ACS, statuses.OK, _REQUEST), assertion


def _ours(files: KeyFiles) -> Callable[[], object]:
    key = SigningKey.load(files.key.read_bytes(), files.certificate.read_bytes())
    return lambda: responses.signed_response(*_contents(), key=key)


def _one_login(files: KeyFiles) -> Callable[[], object]:
    """It has no identity provider; what it signs is the message that govdir builds."""
    key, certificate = files.key.read_text(), files.certificate.read_text()
    methods = {"sign_algorithm": Constants.RSA_SHA256, "digest_algorithm": Constants.SHA256}

    def make() -> object:
        response, assertion = _contents()
        element = assertions.assertion(assertion)
        signed = xml.parse(Utils.add_sign(xml.serialize(element), key, certificate, **methods))
        message = responses.response(response, signed)
        return Utils.add_sign(xml.serialize(message), key, certificate, **methods)

    return make


def _pysaml2(files: KeyFiles, application: Application) -> Callable[[], object]:
    config = IdPConfig().load(
        {
            "entityid": _ISSUER,
            "key_file": str(files.key),
            "cert_file": str(files.certificate),
            "metadata": {"inline": [application.metadata()]},
            "service": {"idp": {"endpoints": {"single_sign_on_service": [(_ISSUER, BINDING_HTTP_REDIRECT)]}}},
        }
    )
    server = Server(config=config)
    identity: dict[str, Any] = {friendly: [value] for friendly, value in _VALUES.values()}
    name_id = PysamlNameId(format=NAMEID_FORMAT_EMAILADDRESS, text="nvhoa@cantho.gov.vn")
    return lambda: str(
        server.create_authn_response(
            identity,
            _REQUEST,
            ACS,
            ENTITY_ID,
            name_id=name_id,
            authn={"class_ref": _PASSWORD, "authn_auth": _ISSUER},
            sign_response=True,
            sign_assertion=True,
            sign_alg=SIG_RSA_SHA256,
            digest_alg=DIGEST_SHA256,
        )
    )


def _parts(files: KeyFiles, application: Application) -> dict[str, Callable[[], object]]:
    key = SigningKey.load(files.key.read_bytes(), files.certificate.read_bytes())
    keys = VerificationKeys.of([application.certificate.public_bytes(Encoding.DER)])
    queries = {
        signed: application.request(443, signed=signed).target.partition("?")[2].encode()
        for signed in (False, True)
    }
    signed = redirect.read(queries[True])
    response, assertion = _contents()
    whole = responses.signed_response(response, assertion, key=key)
    return {
        "reading the request": lambda: requests.read_authn_request(
            xml.parse(redirect.read(queries[False]).xml)
        ),
        "checking its signature": lambda: redirect.check(signed, keys),
        "building both elements": lambda: responses.response(response, assertions.assertion(assertion)),
        "RSA, twice": lambda: [key.sign(whole, SignatureMethod.RSA_SHA256) for _ in range(2)],
    }
