"""Which certificates of clients are taken, and whose they are (RFC 4513 §5.2.3)."""

from __future__ import annotations

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from OpenSSL import crypto

from govdir.directory.certificates import OwnerBy, Presented, owner_of
from govdir.ldap.codec.messages import Attribute, Change, ModifyOperation, ModifyRequest
from govdir.ldap.server.client_certificates import ClientCertificates, Untrusted
from govdir.ldap.server.tls_files import TlsFilesError
from tests.directory.building import ADMIN, SONV, open_town
from tests.ldap.server.authority import DAY, Authority
from tests.ldap.server.sasl_client import connect, sasl
from tests.ldap.server.test_sasl import mechanisms, who

AN, BINH = f"uid=an,{SONV}", f"uid=binh,{SONV}"
MAIL = "lan@cantho.gov.vn"
ALL = frozenset(OwnerBy)
DEFAULT = frozenset({OwnerBy.CERTIFICATE, OwnerBy.ADDRESS})


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def stranger(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("stranger"))


@pytest.fixture(scope="module")
def furnished(tmp_path_factory):
    path = tmp_path_factory.mktemp("town") / "town.db"
    with open_town(path) as town:
        for uid, name in (("an", "Lê An"), ("binh", "Trần Bình")):
            town.person(uid, name, userPassword="Hoa-sen-trang-927")
            town.replace(f"uid={uid},{SONV}", "pwdReset")
    return path


@pytest.fixture
def town(tmp_path, furnished):
    with open_town(tmp_path / "town.db", furnished) as town:
        yield town


def clients(authority, mappings=DEFAULT, revocations=None):
    return ClientCertificates(authority.certificate_file, revocations, mappings)


def checked(taken, certificate, *chain):
    made = [crypto.X509.from_cryptography(one) for one in (certificate, *chain)]
    return taken.check(made[0], made[1:])


def presented(certificate):
    """A connection's end on which this certificate was presented."""
    made = None if certificate is None else crypto.X509.from_cryptography(certificate)
    return lambda: None if made is None else (made, ())


def subject(dn):
    kinds = {"uid": NameOID.USER_ID, "ou": NameOID.ORGANIZATIONAL_UNIT_NAME, "dc": NameOID.DOMAIN_COMPONENT,
             "cn": NameOID.COMMON_NAME}  # fmt: skip
    parts = [part.split("=") for part in reversed(dn.split(","))]
    return x509.Name([x509.NameAttribute(kinds[kind], value) for kind, value in parts])


def store(town, dn, *certificates):
    values = tuple(each.public_bytes(Encoding.DER) for each in certificates)
    change = Change(ModifyOperation.REPLACE, Attribute("userCertificate;binary", values))
    town.run(town.local.modify(ModifyRequest(dn, (change,))))


def owner(town, authority, certificate, mappings=DEFAULT):
    record = owner_of(town.directory, checked(clients(authority), certificate), mappings)
    return None if record is None else record.dn_text


# -- which are good ------------------------------------------------------------------------------------


def test_a_certificate_of_the_authority_says_what_it_holds(authority):
    certificate, *_ = authority.issue("An", MAIL, "other@example.vn")
    read = checked(clients(authority), certificate)
    assert read.octets == certificate.public_bytes(Encoding.DER)
    assert (read.subject, read.addresses) == ("CN=An", (MAIL, "other@example.vn"))


def test_one_without_purposes_is_for_all(authority):
    assert checked(clients(authority), authority.issue("An", usage=None)[0]).subject == "CN=An"


@pytest.mark.parametrize("kind", ["expired", "stranger's", "for servers", "its own"])
def test_others_are_not_taken(authority, stranger, kind):
    certificate = {
        "expired": lambda: authority.issue("An", lasts=-DAY)[0],
        "stranger's": lambda: stranger.issue("An")[0],
        "for servers": lambda: authority.issue("An", usage=ExtendedKeyUsageOID.SERVER_AUTH)[0],
        "its own": lambda: stranger.certificate,
    }[kind]()
    with pytest.raises(Untrusted):
        checked(clients(authority), certificate, stranger.certificate)


def test_revoked_ones_are_not_taken_from_the_next_reload_on(authority, tmp_path):
    good, bad = authority.issue("good")[0], authority.issue("bad")[0]
    lists = tmp_path / "crl.pem"
    lists.write_bytes(authority.revoke())
    taken = clients(authority, revocations=lists)
    assert checked(taken, bad).subject == "CN=bad"
    lists.write_bytes(authority.revoke(bad))
    taken.reload()
    assert checked(taken, good).subject == "CN=good"
    with pytest.raises(Untrusted, match="revoked"):
        checked(taken, bad)


def test_without_a_list_in_force_nobody_gets_in(authority, stranger, tmp_path):
    certificate = authority.issue("An")[0]
    lists = tmp_path / "crl.pem"
    for text in (authority.revoke(lasts=-DAY), stranger.revoke()):
        lists.write_bytes(text)
        with pytest.raises(Untrusted, match=r"CRL|revocation"):
            checked(clients(authority, revocations=lists), certificate)


def test_lists_of_several_authorities_stand_in_one_file(authority, stranger, tmp_path):
    lists, trusted = tmp_path / "crl.pem", tmp_path / "both.pem"
    revoked = stranger.issue("bad")[0]
    lists.write_bytes(authority.revoke() + stranger.revoke(revoked))
    trusted.write_bytes(authority.certificate_file.read_bytes() + stranger.certificate_file.read_bytes())
    taken = ClientCertificates(trusted, lists, DEFAULT)
    assert checked(taken, authority.issue("An")[0]).subject == "CN=An"
    with pytest.raises(Untrusted):
        checked(taken, revoked)


def test_an_authority_that_was_revoked_itself_vouches_for_nobody(authority, tmp_path):
    below = Authority(tmp_path, "Branch", above=authority)
    certificate = below.issue("An")[0]
    lists = tmp_path / "crl.pem"
    lists.write_bytes(authority.revoke() + below.revoke())
    taken = clients(authority, revocations=lists)
    assert checked(taken, certificate, below.certificate).subject == "CN=An"
    for text in (authority.revoke(below.certificate) + below.revoke(), below.revoke(), authority.revoke()):
        lists.write_bytes(text)
        taken.reload()
        with pytest.raises(Untrusted, match=r"revoked|CRL"):
            checked(taken, certificate, below.certificate)


@pytest.mark.parametrize("text", [b"", b"not PEM", b"-----BEGIN CERTIFICATE-----\n"])
def test_files_that_hold_something_else_are_named(authority, tmp_path, text):
    wrong = tmp_path / "wrong.pem"
    wrong.write_bytes(text)
    with pytest.raises(TlsFilesError, match=r"wrong\.pem"):
        ClientCertificates(wrong, None, DEFAULT)
    with pytest.raises(TlsFilesError, match=r"wrong\.pem"):
        clients(authority, revocations=wrong)
    with pytest.raises(TlsFilesError, match=r"gone\.pem"):
        clients(authority, revocations=tmp_path / "gone.pem")


# -- whose they are ------------------------------------------------------------------------------------


def test_an_address_in_it_is_that_of_its_owner(town, authority):
    assert owner(town, authority, authority.issue("x", MAIL)[0]) == AN
    assert owner(town, authority, authority.issue("x", MAIL.upper())[0]) == AN
    assert owner(town, authority, authority.issue("x", "nobody@cantho.gov.vn")[0]) is None
    assert owner(town, authority, authority.issue("x", MAIL)[0], frozenset({OwnerBy.CERTIFICATE})) is None


@pytest.mark.parametrize(
    "address",
    ["l\0an@cantho.gov.vn", "lan@cantho.gov.vn\0", " lan@cantho.gov.vn", "lan@cantho.gov.vn\t", f"{AN}+x=@"],
)
def test_what_only_looks_like_an_address_is_nobodys(town, address):
    presented = Presented(b"", "CN=x", (address,))
    assert owner_of(town.directory, presented, DEFAULT) is None
    assert owner_of(town.directory, Presented(b"", "CN=x", (MAIL,)), DEFAULT).dn_text == AN


def test_addresses_of_two_people_are_nobodys(town, authority):
    assert owner(town, authority, authority.issue("x", MAIL, "tbinh@cantho.gov.vn")[0]) is None
    assert owner(town, authority, authority.issue("x", MAIL, "x@example.vn")[0]) is None


def test_a_subject_is_a_name_where_that_is_set(town, authority):
    certificate = authority.issue(subject(AN))[0]
    assert owner(town, authority, certificate) is None
    assert owner(town, authority, certificate, ALL) == AN
    assert owner(town, authority, authority.issue(subject(ADMIN))[0]) is None


def test_a_stored_certificate_is_its_entrys_whatever_it_says(town, authority):
    certificate = authority.issue("x", MAIL)[0]
    store(town, BINH, certificate)
    assert owner(town, authority, certificate) == BINH


def test_one_that_two_entries_store_is_nobodys(town, authority):
    certificate = authority.issue("x")[0]
    store(town, AN, certificate)
    store(town, BINH, certificate)
    assert owner(town, authority, certificate) is None


def test_an_entry_that_stores_certificates_has_no_others(town, authority):
    store(town, AN, authority.issue("x")[0])
    assert owner(town, authority, authority.issue("y", MAIL)[0]) is None
    assert owner(town, authority, authority.issue(subject(AN))[0], ALL) is None


# -- binds ---------------------------------------------------------------------------------------------


@pytest.fixture
def client(town, authority):
    def connected(certificate):
        client = connect(town, clients=clients(authority))
        client.protocol._conversation.session.certificate = presented(certificate)
        return client

    return connected


def test_external_is_offered_to_whom_it_can_let_in(client, authority):
    assert "EXTERNAL" not in mechanisms(client(None))
    assert "EXTERNAL" in mechanisms(client(authority.issue("An", MAIL)[0]))
    assert client(None).code(sasl("EXTERNAL", b"")) == 7


@pytest.mark.parametrize("credentials", [b"", None, f"dn:{AN}".encode(), b"u:an"])
def test_a_certificate_lets_its_owner_in(client, authority, credentials):
    connected = client(authority.issue("An", MAIL)[0])
    assert connected.code(sasl("EXTERNAL", credentials)) == 0
    assert who(connected) == f"dn:{AN}"


def test_it_lets_nobody_act_as_somebody_else(client, authority):
    connected = client(authority.issue("An", MAIL)[0])
    assert connected.code(sasl("EXTERNAL", b"u:binh")) == 49
    assert connected.code(sasl("EXTERNAL", b"\xff")) == 2


@pytest.mark.parametrize(
    ("attribute", "value"),
    [("gdState", "suspended"), ("pwdReset", "TRUE"), ("pwdAccountLockedTime", "000001010000Z")],
)
def test_closed_locked_and_must_change_are_refused(town, client, authority, attribute, value):
    town.replace(AN, attribute, value)
    result = client(authority.issue("An", MAIL)[0]).ask(sasl("EXTERNAL", b"")).result
    assert (result.code, result.diagnostic_message) == (49, "")


def test_certificates_of_nobody_and_of_strangers_are_refused_alike(client, authority, stranger):
    for certificate in (
        authority.issue("x", "nobody@cantho.gov.vn")[0],
        stranger.issue("An", MAIL)[0],
        authority.issue("An", MAIL, lasts=-DAY)[0],
    ):
        result = client(certificate).ask(sasl("EXTERNAL", b"")).result
        assert (result.code, result.diagnostic_message) == (49, "")
