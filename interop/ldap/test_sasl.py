"""SASL, acting as others and Cancel as OpenLDAP's tools (Cyrus SASL), python-ldap and ldap3 do them."""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import ldap3
import pytest
from ldap3.utils.conv import escape_filter_chars

from interop.programs import SYSTEM_PYTHON, missing, require_program, require_system_module
from interop.server import ADMIN, ADMIN_PASSWORD, SUFFIX, Server, make_home
from tests.ldap.server.authority import DAY, Authority

AGENCY = f"ou=sotn,ou=orgs,{SUFFIX}"
AN = f"uid=an,{AGENCY}"
MAIL = "lan@cantho.gov.vn"
PASSWORD = "Hoa-sen-nở-trắng-927"
PORTAL = f"cn=portal,ou=services,{SUFFIX}"
PORTAL_PASSWORD = "Song-Hau-chay-mai-38"
RULE = """
[[rule]]
name = "the portal acts for people"
who = "service:portal"
under = "ou=orgs"
classes = ["gdPerson"]
rights = ["proxy"]
"""


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"), "Clients")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[Server]:
    """A server that asks clients for certificates, with Lê An and a portal that may act for her."""
    revoked, *_ = authority.issue("revoked", MAIL)
    (authority.folder / "revoked.crl").write_bytes(authority.revoke(revoked))
    revoked_file = authority.folder / f"{revoked.serial_number:x}"
    for suffix in (".pem", ".key"):
        shutil.copy(revoked_file.with_suffix(suffix), authority.folder / f"revoked{suffix}")
    settings = {
        "client_authority": f'"{authority.certificate_file}"',
        "client_revocations": f'"{authority.folder / "revoked.crl"}"',
    }
    server = make_home(tmp_path_factory.mktemp("govdir"), settings)
    with (server.home / "access.toml").open("a") as rules:
        rules.write(RULE)
    server.start()
    try:
        with ldap3.Connection(ldap3.Server("127.0.0.1", server.port), ADMIN, ADMIN_PASSWORD) as admin:
            classes = ["organizationalUnit", "gdOrganization", "gdMailbox"]
            assert admin.add(AGENCY, classes, {"displayName": "Sở Thử nghiệm"}), admin.result
            person = {"cn": "Lê An", "userPassword": PASSWORD}
            assert admin.add(AN, ["inetOrgPerson", "gdPerson", "gdMailbox"], person), admin.result
            assert admin.modify(AN, {"pwdReset": [(ldap3.MODIFY_DELETE, [])]}), admin.result
            service = {"gdServiceKind": "portal", "userPassword": PORTAL_PASSWORD}
            assert admin.add(PORTAL, ["applicationProcess", "gdService"], service), admin.result
        yield server
    finally:
        server.stop()


def tool(
    server: Server, name: str, *arguments: str, client: tuple[Path, Path] | None = None, uri: str = ""
) -> tuple[int, str]:
    """A tool's exit status and what it wrote; `client` is a certificate and its key."""
    environment = {**os.environ, "LDAPTLS_CACERT": str(server.ca_file)}
    if client is not None:
        environment |= {"LDAPTLS_CERT": str(client[0]), "LDAPTLS_KEY": str(client[1])}
    done = subprocess.run(
        [require_program(name, "ldap-utils"), "-H", uri or server.uri, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=environment,
    )
    return done.returncode, done.stdout + done.stderr


def mechanism(name: str) -> str:
    """Skips where Cyrus SASL has no such mechanism."""
    if not any(Path("/usr/lib").glob("*/sasl2/libscram.so")):
        missing("Cyrus SASL has no SCRAM (Debian package libsasl2-modules)")
    return name


def whoami(server: Server, *arguments: str, client: tuple[Path, Path] | None = None, uri: str = "") -> str:
    """What ldapwhoami says, or its exit status."""
    code, said = tool(server, "ldapwhoami", "-Q", *arguments, client=client, uri=uri)
    return said.strip() if code == 0 else str(code)


@pytest.mark.parametrize("name", ["an", MAIL, f"dn:{AN}"])
@pytest.mark.parametrize("kind", ["PLAIN", "SCRAM-SHA-256"])
def test_cyrus_signs_in_by_every_name(server: Server, kind: str, name: str) -> None:
    assert whoami(server, "-ZZ", "-Y", mechanism(kind), "-U", name, "-w", PASSWORD) == f"dn:{AN}"


def test_scram_needs_no_tls(server: Server) -> None:
    assert whoami(server, "-Y", mechanism("SCRAM-SHA-256"), "-U", "an", "-w", PASSWORD) == f"dn:{AN}"


@pytest.mark.parametrize("kind", ["PLAIN", "SCRAM-SHA-256"])
def test_cyrus_is_refused_with_a_wrong_password(server: Server, kind: str) -> None:
    for name in ("an", "nobody"):
        assert whoami(server, "-ZZ", "-Y", mechanism(kind), "-U", name, "-w", "wrong") == "49"


def test_cyrus_acts_as_somebody_by_an_authorization_identity(server: Server) -> None:
    portal = ("-U", f"dn:{PORTAL}", "-w", PORTAL_PASSWORD)
    for kind in ("PLAIN", "SCRAM-SHA-256"):
        assert whoami(server, "-ZZ", "-Y", mechanism(kind), *portal, "-X", "u:an") == f"dn:{AN}"
        assert whoami(server, "-ZZ", "-Y", mechanism(kind), *portal, "-X", f"dn:{ADMIN}") == "49"


def test_a_certificate_signs_its_owner_in(server: Server, authority: Authority) -> None:
    client = authority.issue("An", MAIL)[1:]
    assert whoami(server, "-ZZ", "-Y", "EXTERNAL", client=client) == f"dn:{AN}"
    assert whoami(server, "-Y", "EXTERNAL", client=client, uri=server.ldaps_uri) == f"dn:{AN}"


def test_revoked_expired_and_strange_certificates_do_not(
    server: Server, authority: Authority, tmp_path: Path
) -> None:
    revoked = authority.folder / "revoked.pem", authority.folder / "revoked.key"
    # Of a stranger's GnuTLS says nothing to the server, and Cyrus then knows no EXTERNAL.
    for client, code in (
        (revoked, "49"),
        (authority.issue("An", MAIL, lasts=-DAY)[1:], "49"),
        (Authority(tmp_path, "Stranger").issue("An", MAIL)[1:], "250"),
    ):
        assert whoami(server, "-ZZ", "-Y", "EXTERNAL", client=client) == code
        # It does not keep its holder from a password.
        assert whoami(server, "-ZZ", "-Y", "PLAIN", "-U", "an", "-w", PASSWORD, client=client) == f"dn:{AN}"


def test_clients_without_a_certificate_are_served_as_ever(server: Server) -> None:
    assert tool(server, "ldapwhoami", "-x", "-ZZ", "-D", AN, "-w", PASSWORD)[0] == 0
    assert whoami(server, "-ZZ", "-Y", "EXTERNAL") not in (f"dn:{AN}", "anonymous")


def test_the_root_dse_lists_what_the_connection_may_use(server: Server, authority: Authority) -> None:
    def listed(*arguments: str, client: tuple[Path, Path] | None = None) -> set[str]:
        base = ("-x", "-LLL", "-s", "base", "-b", "", "supportedSASLMechanisms")
        said = tool(server, "ldapsearch", *arguments, *base, client=client)[1]
        return {line.split()[1] for line in said.splitlines() if line.startswith("supportedSASL")}

    assert listed("-ZZ") == {"PLAIN", "SCRAM-SHA-256"}
    assert listed("-ZZ", client=authority.issue("An")[1:]) == {"EXTERNAL", "PLAIN", "SCRAM-SHA-256"}


def test_tools_act_as_somebody_for_one_request(server: Server) -> None:
    portal = ("-x", "-ZZ", "-D", PORTAL, "-w", PORTAL_PASSWORD)
    assert tool(server, "ldapwhoami", *portal, "-e", f"!authzid=dn:{AN}") == (0, f"dn:{AN}\n")
    code, said = tool(server, "ldapwhoami", *portal, "-e", f"!authzid=dn:{ADMIN}")
    assert (code, "(123)" in said) == (1, True)
    assert tool(server, "ldapcompare", *portal, "-e", "!authzid=u:an", AN, "mobile:1")[0] == 16
    assert tool(server, "ldapcompare", *portal, AN, "pwdChangedTime:20200101000000Z")[0] == 50


def test_tools_tell_on_whose_behalf_they_ask(server: Server) -> None:
    tool(server, "ldapwhoami", "-x", "-e", "sessiontracking=an")
    deadline = time.monotonic() + 10  # the log is written every half second
    while '"forSession":"an"' not in server.access_log.read_text("utf-8"):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_ldap3_binds_by_plain_and_external(server: Server, authority: Authority) -> None:
    certificate, key = authority.issue("An", MAIL)[1:]
    tls = ldap3.Tls(
        local_certificate_file=str(certificate),
        local_private_key_file=str(key),
        ca_certs_file=str(server.ca_file),
        validate=ssl.CERT_REQUIRED,
        valid_names=["localhost", "127.0.0.1"],
    )
    peer = ldap3.Server("127.0.0.1", server.ldaps_port, use_ssl=True, tls=tls)
    ways = (("PLAIN", (None, MAIL, PASSWORD)), ("EXTERNAL", ""))
    for kind, credentials in ways:
        with ldap3.Connection(
            peer, authentication=ldap3.SASL, sasl_mechanism=kind, sasl_credentials=credentials
        ) as connection:
            assert connection.extend.standard.who_am_i() == f"dn:{AN}", kind


PYTHON_LDAP = """
import sys, ldap, ldap.sasl
uri, authority, certificate, key, name = sys.argv[1:]
connection = ldap.initialize(uri)
for option, value in ((ldap.OPT_X_TLS_CACERTFILE, authority), (ldap.OPT_X_TLS_CERTFILE, certificate),
                      (ldap.OPT_X_TLS_KEYFILE, key)):
    connection.set_option(option, value)
connection.set_option(ldap.OPT_X_TLS_NEWCTX, 0)
connection.start_tls_s()
connection.sasl_interactive_bind_s("", ldap.sasl.external())
print(connection.whoami_s())
message = connection.search_ext("", ldap.SCOPE_SUBTREE, "(objectClass=*)")
try:
    connection.cancel_s(message)
except ldap.NO_SUCH_OPERATION:
    print("it had ended")
print(connection.whoami_s())
"""


def test_python_ldap_binds_by_external_and_cancels(server: Server, authority: Authority) -> None:
    require_system_module("ldap", "python3-ldap")
    certificate, key = authority.issue("An", MAIL)[1:]
    done = subprocess.run(
        [SYSTEM_PYTHON, "-c", PYTHON_LDAP, server.uri, server.ca_file, certificate, key, AN],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    assert (said[0], said[-1]) == (f"dn:{AN}", f"dn:{AN}")


def test_names_are_never_taken_for_filters(server: Server) -> None:
    for name in ("*", "a*", escape_filter_chars("*"), ")(uid=*"):
        assert whoami(server, "-ZZ", "-Y", "PLAIN", "-U", name, "-w", PASSWORD) == "49"
