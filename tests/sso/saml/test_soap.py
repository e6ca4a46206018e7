"""The SOAP envelope of the back channel."""

from __future__ import annotations

import pytest

from govdir.sso.saml import soap, xml
from govdir.sso.saml.errors import MalformedMessage

NS = 'xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol"'


def envelope(content: str) -> bytes:
    return f"<s:Envelope {NS}>{content}</s:Envelope>".encode()


def test_a_message_is_put_in_and_taken_out() -> None:
    message = xml.parse(f'<p:LogoutRequest {NS} ID="_1"/>'.encode())

    octets = soap.wrap(message)

    assert soap.read(octets).get("ID") == "_1"
    assert message.getparent() is None


def test_a_message_is_taken_out_past_headers_that_may_be_passed_over() -> None:
    header = '<s:Header><h xmlns="urn:h" s:mustUnderstand="0"/></s:Header>'

    assert soap.read(envelope(f'{header}<s:Body><p:LogoutRequest ID="_1"/></s:Body>')).get("ID") == "_1"


@pytest.mark.parametrize(
    "octets",
    [
        b"not xml",
        b"<a/>",
        envelope(""),
        envelope("<s:Body/>"),
        envelope("<s:Body><p:A/><p:B/></s:Body>"),
        envelope("<s:Body><p:A/></s:Body><s:Body><p:B/></s:Body>"),
        envelope("<s:Body><other/></s:Body>"),
        envelope('<s:Header><h s:mustUnderstand="1"/></s:Header><s:Body><p:A/></s:Body>'),
        b"<!DOCTYPE a>" + envelope("<s:Body><p:A/></s:Body>"),
        b'<Envelope xmlns="http://www.w3.org/2003/05/soap-envelope"><Body/></Envelope>',
    ],
)
def test_anything_but_one_message_is_refused(octets: bytes) -> None:
    with pytest.raises(MalformedMessage):
        soap.read(octets)


def test_a_fault_says_whose_and_why() -> None:
    assert soap.fault("no <signature>") == (
        b'<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><soap:Fault>'
        b"<faultcode>soap:Client</faultcode><faultstring>no &lt;signature&gt;</faultstring>"
        b"</soap:Fault></soap:Body></soap:Envelope>"
    )
    assert b"<faultcode>soap:Server</faultcode><faultstring>busy</faultstring>" in soap.fault(
        "busy", ours=True
    )
