"""What the root DSE names is there: every name answers, every OID does what it stands for."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

import pytest

from govdir.ldap.codec.extended import START_TLS
from govdir.ldap.codec.messages import ExtendedRequest, Scope
from interop.ldap.client import Client, administrator
from interop.ldap.root_dse_trials import TRIALS, scene_of
from interop.server import Server, running_server
from tests.ldap.server.certificates import write_certificate

NAMED = ("supportedControl", "supportedExtension", "supportedFeatures", "supportedSASLMechanisms")

Certified = tuple[Server, tuple[str, str], bytes]


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Certified]:
    """A server that takes certificates, and one that it trusts: the files, and its DER octets."""
    folder = tmp_path_factory.mktemp("certified")
    chain, key = write_certificate(folder, "client")
    with running_server(folder, {"client_authority": f'"{chain}"'}) as server:
        yield server, (str(chain), str(key)), ssl.PEM_cert_to_DER_cert(chain.read_text("ascii"))


def named(server: Server, certificate: tuple[str, str]) -> set[str]:
    """OIDs and mechanisms that the root DSE names to who comes with a certificate under TLS."""
    with Client(server) as client:
        assert client.ask(ExtendedRequest(START_TLS)).code == 0
        root = client.under_tls(certificate).read("", "*", "+")
    return {value for name in NAMED for value in root.get(name, ())}


def test_nothing_is_named_that_is_not_tried_and_nothing_tried_that_is_not_named(certified: Certified) -> None:
    server, certificate, _ = certified
    assert named(server, certificate) == set(TRIALS)


@pytest.mark.parametrize("name", sorted(TRIALS), ids=lambda name: f"{name} {TRIALS[name].__name__}")
def test_what_is_named_does_what_it_stands_for(certified: Certified, name: str) -> None:
    scene = scene_of(*certified)
    with scene.admin:
        TRIALS[name](scene)


def test_every_name_in_the_root_dse_is_that_of_exactly_one_entry(certified: Certified) -> None:
    with administrator(certified[0]) as admin:
        root = admin.read("", "*", "+")
        names = {value for values in root.values() for value in values if "=" in value}
        assert len(names) == 3  # naming context, subschema, monitor
        for name in names:
            assert admin.search(name, scope=Scope.BASE_OBJECT).names == [name]


def test_its_operational_attributes_come_when_they_are_asked_for(certified: Certified) -> None:
    with Client(certified[0]) as client:
        assert set(client.read("")) == {"objectClass"}
        assert "objectClass" not in client.read("", "+")
        assert set(client.read("", "*", "+")) >= {"objectClass", "namingContexts", "vendorName"}


def test_no_vendor_is_named_that_programs_would_treat_as_another(certified: Certified) -> None:
    with Client(certified[0]) as client:
        root = client.read("", "vendorName", "vendorVersion", "objectClass")
    told = " ".join(value for values in root.values() for value in values)
    for other in ("Apache", "IBM", "Netscape", "Novell", "Sun", "389", "OpenDJ", "OpenLDAProotDSE"):
        assert other not in told


def test_the_subschemas_times_are_those_of_every_process(certified: Certified, server: Server) -> None:
    times = []
    for each in (certified[0], server):
        with Client(each) as client:
            times.append(client.read("cn=subschema", "createTimestamp", "modifyTimestamp"))
    assert times[0] == times[1]
    assert len(times[0]["modifyTimestamp"][0]) == len("20261122000000Z")
