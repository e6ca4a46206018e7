"""Signatures: made so that others believe them, believed only when they are over what is read."""

from __future__ import annotations

import base64
import copy
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import xmlsec
from cryptography.hazmat.primitives.asymmetric import ec
from lxml import etree
from onelogin.saml2.utils import OneLogin_Saml2_Utils

from govdir.sso.saml import schemas, signatures, soap, xml
from govdir.sso.saml.errors import MalformedMessage, SamlError, SignatureRefused
from govdir.sso.saml.keys import SignatureMethod, VerificationKeys
from tests.sso.saml.samples import certificate
from tests.sso.saml.signed import (
    EVIL_ACS,
    EXTENSIONS,
    REQUEST,
    careless_check,
    certificate_pem,
    changed,
    key,
    keys,
    part,
    pem,
    rsa_key,
    secret_of,
    sign_with,
    signature_of,
    signed_request,
    wrapped,
)

constants = xmlsec.constants
METADATA = (
    b'<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" ID="_all">'
    b'<md:EntityDescriptor ID="_one" entityID="https://portal.example.vn">'
    b'<md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
    b'<md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"'
    b' Location="https://portal.example.vn/acs" index="0"/>'
    b"</md:SPSSODescriptor></md:EntityDescriptor></md:EntitiesDescriptor>"
)


@pytest.mark.parametrize(
    ("method", "digest"),
    [
        (SignatureMethod.RSA_SHA256, "http://www.w3.org/2001/04/xmlenc#sha256"),
        (SignatureMethod.RSA_SHA384, "http://www.w3.org/2001/04/xmldsig-more#sha384"),
        (SignatureMethod.RSA_SHA512, "http://www.w3.org/2001/04/xmlenc#sha512"),
    ],
)
def test_what_is_signed_is_verified(method: SignatureMethod, digest: str) -> None:
    root = xml.parse(REQUEST)

    signatures.sign(root, key(), method)

    read = xml.parse(xml.serialize(root))
    schemas.check(read)
    assert signatures.verified(read, keys()) is read
    assert part(read, "SignatureMethod").get("Algorithm") == method
    assert part(read, "DigestMethod").get("Algorithm") == digest


def test_a_signature_follows_the_issuer_and_carries_the_certificate() -> None:
    root = xml.parse(signed_request())

    assert root[1].tag == "{http://www.w3.org/2000/09/xmldsig#}Signature"
    assert part(root, "Reference").get("URI") == "#_true"
    text = part(root, "X509Certificate").text or ""
    assert base64.b64decode(text) == key().certificate


def test_metadata_has_its_signature_first() -> None:
    root = xml.parse(METADATA)

    signatures.sign(root, key())

    read = xml.parse(xml.serialize(root))
    schemas.check(read)
    assert read[0].tag == "{http://www.w3.org/2000/09/xmldsig#}Signature"
    assert signatures.verified_metadata(read, keys()) is read


def test_nothing_is_signed_with_sha1() -> None:
    with pytest.raises(ValueError, match="not made with this method"):
        signatures.sign(xml.parse(REQUEST), key(), SignatureMethod.RSA_SHA1)


def test_python3_saml_believes_our_signature() -> None:
    certificate_text = certificate_pem(key().certificate).decode()

    def believes(octets: bytes) -> bool:
        path = "/samlp:AuthnRequest/ds:Signature"
        return bool(OneLogin_Saml2_Utils.validate_sign(octets, cert=certificate_text, xpath=path))

    assert believes(signed_request())
    assert not believes(signed_request().replace(b"AllowCreate", b"SPNameQualifier"))


def test_we_believe_the_signature_of_python3_saml() -> None:
    certificate_text = certificate_pem(key().certificate).decode()
    octets = OneLogin_Saml2_Utils.add_sign(REQUEST, pem(rsa_key()).decode(), certificate_text)

    root = xml.parse(octets)

    assert signatures.verified(root, keys()) is root


@pytest.mark.parametrize(
    ("curve", "method"),
    [
        (ec.SECP256R1(), constants.TransformEcdsaSha256),
        (ec.SECP384R1(), constants.TransformEcdsaSha384),
        (ec.SECP521R1(), constants.TransformEcdsaSha512),
    ],
)
def test_a_service_provider_may_sign_with_a_key_on_a_curve(curve: ec.EllipticCurve, method: object) -> None:
    private = ec.generate_private_key(curve)
    root = xml.parse(sign_with(xml.parse(REQUEST), secret_of(private), method=method))

    known = VerificationKeys.of([certificate(key=private)])

    assert signatures.verified(root, known) is root
    with pytest.raises(SignatureRefused, match="no key of its issuer"):
        signatures.verified(root, VerificationKeys.of([certificate(key=ec.generate_private_key(curve))]))


@pytest.mark.parametrize("prefix", [None, "ds", "zz"])
@pytest.mark.parametrize("declared", ["on the message", "on the signature"])
def test_the_namespace_of_a_signature_may_be_declared_anywhere(prefix: str | None, declared: str) -> None:
    above = f'xmlns{":" + prefix if prefix else ""}="{xml.DS}" xmlns:xs="{xml.SOAP}"'.encode()
    octets = REQUEST
    if declared == "on the message":
        octets = REQUEST.replace(b'ID="_true"', above + b' ID="_true"')
    root = xml.parse(octets)
    template = xmlsec.template.create(
        root, constants.TransformExclC14N, constants.TransformRsaSha256, ns=prefix
    )
    root.insert(1, template)
    reference = xmlsec.template.add_reference(template, constants.TransformSha256, uri="#_true")
    xmlsec.template.add_transform(reference, constants.TransformEnveloped)
    xmlsec.template.add_transform(reference, constants.TransformExclC14N)
    if declared == "on the message":
        root = xml.parse(without_declarations(xml.serialize(root), prefix))
    context = xmlsec.SignatureContext()
    context.key = secret_of(rsa_key())
    context.register_id(root, "ID")
    context.sign(signature_of(root))

    read = xml.parse(xml.serialize(root))

    assert (b"<" + (prefix.encode() + b":" if prefix else b"") + b"SignedInfo") in xml.serialize(read)
    assert signatures.verified(read, keys()) is read


def without_declarations(octets: bytes, prefix: str | None) -> bytes:
    """Only the first declaration of the signature's namespace is left."""
    declaration = f' xmlns{":" + prefix if prefix else ""}="{xml.DS}"'.encode()
    first, rest = octets.split(declaration, 1)
    return first + declaration + rest.replace(declaration, b"")


def test_each_of_several_keys_is_tried() -> None:
    known = VerificationKeys.of([key("old").certificate, key("portal").certificate])

    root = xml.parse(signed_request())

    assert signatures.verified(root, known) is root


def test_somebody_elses_signature_is_refused_though_it_brings_its_certificate() -> None:
    root = xml.parse(REQUEST)
    signatures.sign(root, key("stranger"))
    read = xml.parse(xml.serialize(root))
    assert part(read, "X509Certificate").text

    with pytest.raises(SignatureRefused, match="no key of its issuer"):
        signatures.verified(read, keys())


def test_without_keys_nothing_is_believed() -> None:
    with pytest.raises(SignatureRefused):
        signatures.verified(xml.parse(signed_request()), VerificationKeys.of([]))


def test_an_unsigned_message_is_refused() -> None:
    root = xml.parse(REQUEST)

    assert not signatures.has_signature(root)
    with pytest.raises(SignatureRefused, match="no signature"):
        signatures.verified(root, keys())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"https://portal.example.vn/acs", EVIL_ACS.encode()),
        (b">https://portal.example.vn<", b">https://evil.example.vn<"),
        (b"AllowCreate", b"SPNameQualifier"),
        (b'ID="_true" Version="2.0"', b'ID="_true" Version="2.0" ForceAuthn="true"'),
    ],
)
def test_a_changed_message_is_refused(before: bytes, after: bytes) -> None:
    octets = signed_request()
    assert octets.count(before) == 1

    with pytest.raises(SignatureRefused, match="was changed"):
        signatures.verified(xml.parse(octets.replace(before, after)), keys())


@pytest.mark.parametrize("number", range(1, 9))
def test_a_wrapped_signature_is_refused(number: int) -> None:
    octets = wrapped(number)
    assert EVIL_ACS.encode() in octets

    with pytest.raises(SamlError):
        signatures.verified(xml.parse(octets), keys())


@pytest.mark.parametrize("number", [2, 3, 4, 5])
def test_those_wrappings_are_real_a_careless_reader_believes_them(number: int) -> None:
    root = etree.fromstring(wrapped(number))

    assert root.get("AssertionConsumerServiceURL") == EVIL_ACS
    assert careless_check(root, keys().keys[0].xmlsec_key)


def test_wrappings_within_the_schema_pass_it() -> None:
    schemas.check(xml.parse(wrapped(4)))


def extended_forgery() -> etree._Element:
    """A forged request with the true one's signature in the right place, the true one in Extensions."""
    evil = xml.parse(wrapped(7).replace(b'ID="_true"', b'ID="_evil"', 1))
    schemas.check(evil)
    return evil


def test_the_check_of_the_reference_is_what_stops_a_forgery_by_the_schema(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(SignatureRefused, match="refers to something else"):
        signatures.verified(extended_forgery(), keys())

    monkeypatch.setattr(signatures, "refers_to", lambda reference, root: None)
    forged = signatures.verified(extended_forgery(), keys())

    assert forged.get("AssertionConsumerServiceURL") == EVIL_ACS


def test_the_check_of_the_place_is_what_stops_a_whole_request_in_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def forged() -> etree._Element:
        root = xml.parse(wrapped(4))
        schemas.check(root)
        return root

    with pytest.raises(SignatureRefused, match="not a child"):
        signatures.verified(forged(), keys())

    monkeypatch.setattr(signatures, "child_of", lambda root, signature: signature)
    with pytest.raises(SignatureRefused, match="refers to something else"):
        signatures.verified(forged(), keys())

    monkeypatch.setattr(signatures, "refers_to", lambda reference, root: None)
    assert signatures.verified(forged(), keys()).get("AssertionConsumerServiceURL") == EVIL_ACS


def test_two_signatures_are_refused() -> None:
    def double(root: etree._Element) -> None:
        extensions = etree.Element(EXTENSIONS)
        extensions.append(copy.deepcopy(signature_of(root)))
        root.insert(2, extensions)

    with pytest.raises(SignatureRefused, match="several signatures"):
        signatures.verified(changed(double), keys())


def test_two_references_are_refused() -> None:
    def double(root: etree._Element) -> None:
        reference = part(root, "Reference")
        reference.addnext(copy.deepcopy(reference))

    with pytest.raises(SignatureRefused, match="not one reference"):
        signatures.verified(changed(double), keys())


@pytest.mark.parametrize("local", ["SignedInfo", "SignatureValue", "SignatureMethod", "DigestMethod"])
def test_a_part_that_occurs_twice_is_refused(local: str) -> None:
    def double(root: etree._Element) -> None:
        part(root, local).addnext(copy.deepcopy(part(root, local)))

    with pytest.raises(SignatureRefused):
        signatures.verified(changed(double), keys())


@pytest.mark.parametrize("local", ["SignedInfo", "SignatureValue", "Reference", "Transforms", "DigestMethod"])
def test_a_part_that_is_missing_is_refused(local: str) -> None:
    def remove(root: etree._Element) -> None:
        element = part(root, local)
        parent = element.getparent()
        assert parent is not None
        parent.remove(element)

    with pytest.raises(SignatureRefused):
        signatures.verified(changed(remove), keys())


@pytest.mark.parametrize(
    "uri", ["", "#", "#_other", "_true", "#xpointer(id('_true'))", "file:///etc/hostname"]
)
def test_a_reference_to_anything_but_the_message_is_refused(uri: str) -> None:
    with pytest.raises(SignatureRefused, match="refers to something else"):
        signatures.verified(changed(lambda root: part(root, "Reference").set("URI", uri)), keys())


def test_a_message_without_an_identifier_is_refused() -> None:
    octets = REQUEST.replace(b' ID="_true"', b"")
    root = xml.parse(octets)
    root.append(signature_of(xml.parse(signed_request())))
    part(root, "Reference").set("URI", "#")

    with pytest.raises(SignatureRefused, match="refers to something else"):
        signatures.verified(root, keys())


def test_a_whole_document_signed_without_an_identifier_is_refused() -> None:
    octets = sign_with(xml.parse(REQUEST), secret_of(rsa_key()), uri="")

    with pytest.raises(SignatureRefused, match="refers to something else"):
        signatures.verified(xml.parse(octets), keys())


def test_an_object_in_the_signature_is_refused() -> None:
    def add(root: etree._Element) -> None:
        etree.SubElement(signature_of(root), xml.name(xml.DS, "Object"))

    with pytest.raises(SignatureRefused, match="ds:Object"):
        signatures.verified(changed(add), keys())


def test_a_retrieval_method_is_refused() -> None:
    def add(root: etree._Element) -> None:
        etree.SubElement(
            part(root, "KeyInfo"), xml.name(xml.DS, "RetrievalMethod"), URI="https://evil.example"
        )

    with pytest.raises(SignatureRefused, match="RetrievalMethod"):
        signatures.verified(changed(add), keys())


def test_what_the_key_info_says_does_not_count() -> None:
    def swap(root: etree._Element) -> None:
        part(root, "X509Certificate").text = base64.b64encode(key("stranger").certificate).decode()

    root = changed(swap)

    assert signatures.verified(root, keys()) is root


@pytest.mark.parametrize(
    "transforms",
    [
        (),
        (constants.TransformEnveloped,),
        (constants.TransformExclC14N,),
        (constants.TransformEnveloped, constants.TransformInclC14N),
        (constants.TransformExclC14N, constants.TransformEnveloped),
        (constants.TransformEnveloped, constants.TransformExclC14N, constants.TransformExclC14N),
        (constants.TransformEnveloped, constants.TransformExclC14NWithComments),
    ],
)
def test_other_transforms_are_refused_even_when_the_signature_is_right(
    transforms: tuple[object, ...],
) -> None:
    if transforms[:1] == (constants.TransformEnveloped,):
        octets = sign_with(xml.parse(REQUEST), secret_of(rsa_key()), transforms=transforms)
        assert careless_check(etree.fromstring(octets), keys().keys[0].xmlsec_key)
    else:
        octets = with_transforms([transform.href for transform in transforms])  # type: ignore[attr-defined]

    with pytest.raises(SignatureRefused, match=r"transforms|Transforms"):
        signatures.verified(xml.parse(octets), keys())


def with_transforms(algorithms: list[str], inner: str = "") -> bytes:
    def replace(root: etree._Element) -> None:
        transforms = part(root, "Transforms")
        for transform in list(transforms):
            transforms.remove(transform)
        for algorithm in algorithms:
            added = etree.SubElement(transforms, xml.name(xml.DS, "Transform"), Algorithm=algorithm)
            if inner:
                added.append(etree.fromstring(inner))

    return xml.serialize(changed(replace))


XSLT = "http://www.w3.org/TR/1999/REC-xslt-19991116"
XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
LOOP = """<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:template match="/"><xsl:for-each select="//. | //@*"><xsl:for-each select="//. | //@*">
<xsl:for-each select="//. | //@*"><xsl:value-of select="count(//. | //@*)"/></xsl:for-each>
</xsl:for-each></xsl:for-each></xsl:template></xsl:stylesheet>"""


@pytest.mark.parametrize("algorithm", [XSLT, XPATH, "http://www.w3.org/2000/09/xmldsig#base64", "urn:x"])
def test_a_program_among_the_transforms_never_runs(algorithm: str) -> None:
    began = time.perf_counter()

    with pytest.raises(SignatureRefused, match="transforms"):
        signatures.verified(xml.parse(with_transforms([algorithm], LOOP)), keys())

    assert time.perf_counter() - began < 1


@pytest.mark.parametrize("place", ["Transform", "CanonicalizationMethod"])
def test_a_program_within_a_harmless_transform_is_refused(place: str) -> None:
    def add(root: etree._Element) -> None:
        part(root, place).append(etree.fromstring(LOOP))

    with pytest.raises(SignatureRefused, match="parameters"):
        signatures.verified(changed(add), keys())


def test_prefixes_may_be_listed_but_not_by_the_thousand() -> None:
    def with_prefixes(prefixes: str) -> bytes:
        root = xml.parse(REQUEST)
        signature = xmlsec.template.create(
            root, constants.TransformExclC14N, constants.TransformRsaSha256, ns="ds"
        )
        root.insert(1, signature)
        reference = xmlsec.template.add_reference(signature, constants.TransformSha256, uri="#_true")
        xmlsec.template.add_transform(reference, constants.TransformEnveloped)
        transform = xmlsec.template.add_transform(reference, constants.TransformExclC14N)
        inclusive = xml.name("http://www.w3.org/2001/10/xml-exc-c14n#", "InclusiveNamespaces")
        etree.SubElement(transform, inclusive, PrefixList=prefixes)
        context = xmlsec.SignatureContext()
        context.key = secret_of(rsa_key())
        context.register_id(root, "ID")
        context.sign(signature)
        return xml.serialize(root)

    root = xml.parse(with_prefixes("samlp xs"))
    assert signatures.verified(root, keys()) is root
    with pytest.raises(SignatureRefused, match="too many prefixes"):
        signatures.verified(xml.parse(with_prefixes("samlp " * 1000)), keys())


def test_nobody_without_a_key_has_the_message_canonicalised(monkeypatch: pytest.MonkeyPatch) -> None:
    digested = []
    monkeypatch.setattr(signatures, "right_by", lambda *arguments, **named: digested.append(arguments))
    stranger = xml.parse(REQUEST)
    signatures.sign(stranger, key("stranger"))

    with pytest.raises(SignatureRefused, match="no key of its issuer"):
        signatures.verified(xml.parse(xml.serialize(stranger)), keys())

    assert digested == []
    signatures.verified(xml.parse(signed_request()), keys())
    assert len(digested) == 1


@pytest.mark.parametrize("value", ["", "AAAA", "no base64", "A"])
def test_a_signature_of_other_octets_is_refused(value: str) -> None:
    def replace(root: etree._Element) -> None:
        part(root, "SignatureValue").text = value

    with pytest.raises(SignatureRefused, match=r"no key of its issuer|not base64"):
        signatures.verified(changed(replace), keys())


@pytest.mark.parametrize("element", [b"ds:SignedInfo", b"samlp:AuthnRequest"])
def test_what_cannot_be_canonicalised_is_refused(element: bytes) -> None:
    relative = b"<" + element + b' xmlns:r="relative" r:a=""'
    octets = signed_request().replace(b"<" + element, relative, 1)

    with pytest.raises(SignatureRefused, match="cannot be canonicalised"):
        signatures.verified(xml.parse(octets), keys())


def test_signed_info_is_canonicalised_exclusively() -> None:
    octets = sign_with(xml.parse(REQUEST), secret_of(rsa_key()), c14n=constants.TransformInclC14N)

    with pytest.raises(SignatureRefused, match="not the exclusive one"):
        signatures.verified(xml.parse(octets), keys())


@pytest.mark.parametrize(
    ("method", "digest"),
    [
        (constants.TransformRsaSha1, constants.TransformSha1),
        (constants.TransformRsaSha256, constants.TransformSha1),
        (constants.TransformRsaSha1, constants.TransformSha256),
    ],
)
def test_sha1_is_taken_only_where_it_is_permitted(method: object, digest: object) -> None:
    octets = sign_with(xml.parse(REQUEST), secret_of(rsa_key()), method=method, digest=digest)

    with pytest.raises(SignatureRefused, match="not taken"):
        signatures.verified(xml.parse(octets), keys())

    root = xml.parse(octets)
    assert signatures.verified(root, keys(sha1=True)) is root


@pytest.mark.parametrize(
    ("method", "digest"),
    [
        (constants.TransformRsaSha224, constants.TransformSha256),
        (constants.TransformRsaSha256, constants.TransformSha224),
    ],
)
def test_methods_that_nobody_needs_are_refused_even_so(method: object, digest: object) -> None:
    octets = sign_with(xml.parse(REQUEST), secret_of(rsa_key()), method=method, digest=digest)

    with pytest.raises(SignatureRefused, match="not taken"):
        signatures.verified(xml.parse(octets), keys(sha1=True))


@pytest.mark.parametrize("algorithm", ["", "urn:unknown", "http://www.w3.org/2000/09/xmldsig#dsa-sha1"])
def test_an_unknown_method_is_refused_and_not_replaced_by_a_known_one(algorithm: str) -> None:
    def set_method(root: etree._Element) -> None:
        part(root, "SignatureMethod").set("Algorithm", algorithm)

    with pytest.raises(SignatureRefused, match="not taken"):
        signatures.verified(changed(set_method), keys(sha1=True))


@pytest.mark.parametrize("form", ["der", "pem"])
def test_the_public_key_is_no_secret_to_sign_with(form: str) -> None:
    public = key().certificate if form == "der" else certificate_pem(key().certificate)
    secret = xmlsec.Key.from_binary_data(constants.KeyDataHmac, public)
    octets = sign_with(xml.parse(REQUEST), secret, method=constants.TransformHmacSha256)

    with pytest.raises(SignatureRefused, match="not taken"):
        signatures.verified(xml.parse(octets), keys(sha1=True))


def test_a_shortened_signature_is_refused() -> None:
    def shorten(root: etree._Element) -> None:
        etree.SubElement(part(root, "SignatureMethod"), xml.name(xml.DS, "HMACOutputLength")).text = "1"

    with pytest.raises(SignatureRefused, match="parameters"):
        signatures.verified(changed(shorten), keys())


def test_an_identifier_that_occurs_twice_is_refused_also_when_it_came_after_reading() -> None:
    root = xml.parse(signed_request())
    extensions = etree.Element(EXTENSIONS)
    etree.SubElement(extensions, "x", Id="_true")
    root.insert(2, extensions)

    with pytest.raises(MalformedMessage, match="twice"):
        signatures.verified(root, keys())


def test_a_comment_changes_neither_the_signature_nor_what_is_read() -> None:
    octets = signed_request().replace(b"https://portal.example.vn<", b"https://portal<!-- -->.example.vn<")

    root = signatures.verified(xml.parse(octets), keys())

    assert root[0].text == "https://portal.example.vn"


def test_a_message_is_verified_where_it_lies_in_its_envelope() -> None:
    octets = soap.wrap(xml.parse(signed_request()))

    message = soap.read(octets)

    assert signatures.verified(message, keys()) is message


def test_a_second_signature_in_the_envelope_is_refused() -> None:
    header = b"<soap:Header>" + xml.serialize(signature_of(xml.parse(signed_request()))) + b"</soap:Header>"
    octets = soap.wrap(xml.parse(signed_request())).replace(b"<soap:Body>", header + b"<soap:Body>")

    with pytest.raises(SignatureRefused, match="several signatures"):
        signatures.verified(soap.read(octets), keys())


def test_entities_of_signed_metadata_may_bear_signatures_of_their_own() -> None:
    root = xml.parse(METADATA)
    signatures.sign(root[0], key("stranger"))
    signatures.sign(root, key())

    read = xml.parse(xml.serialize(root))

    assert signatures.verified_metadata(read, keys()) is read


def test_the_signature_of_an_entity_is_not_one_of_the_whole_metadata() -> None:
    root = xml.parse(METADATA)
    signatures.sign(root[0], key())

    with pytest.raises(SignatureRefused, match="of the whole"):
        signatures.verified_metadata(xml.parse(xml.serialize(root)), keys())


def test_threads_sign_and_verify_at_once() -> None:
    def once(number: int) -> str | None:
        root = xml.parse(REQUEST.replace(b"_true", f"_n{number}".encode()))
        signatures.sign(root, key())
        read = xml.parse(xml.serialize(root))
        schemas.check(read)
        return signatures.verified(read, keys()).get("ID")

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(once, range(200)))

    assert found == [f"_n{number}" for number in range(200)]


def test_no_text_of_a_refusal_quotes_the_message() -> None:
    def mark(root: etree._Element) -> None:
        for element in root.iter(etree.Element):
            for attribute in element.attrib:
                if attribute != "Algorithm":
                    element.set(attribute, "zzmark")

    with pytest.raises(SamlError) as refused:
        signatures.verified(changed(mark), keys())
    assert "zzmark" not in str(refused.value)


def test_the_program_xmlsec1_believes_our_signature(tmp_path: Path) -> None:
    import shutil
    import subprocess

    program = shutil.which("xmlsec1")
    if program is None:
        pytest.skip("xmlsec1 is not installed")
    (tmp_path / "request.xml").write_bytes(signed_request())
    (tmp_path / "cert.pem").write_bytes(certificate_pem(key().certificate))

    command = [program, "--verify", "--pubkey-cert-pem", str(tmp_path / "cert.pem")]
    command += ["--id-attr:ID", "urn:oasis:names:tc:SAML:2.0:protocol:AuthnRequest"]
    finished = subprocess.run([*command, str(tmp_path / "request.xml")], capture_output=True, check=False)

    assert finished.returncode == 0, finished.stderr
