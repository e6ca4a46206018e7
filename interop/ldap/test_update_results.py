"""Result codes of changes, case by case, as OpenLDAP's tools get them: those of RFC 4511."""

from __future__ import annotations

from collections.abc import Iterator

import ldap3
import pytest

from interop.conftest import connect
from interop.ldap.openldap import Said, Tools
from interop.server import SUFFIX, Server

PLACE = f"ou=place,{SUFFIX}"
AN = f"uid=an,{PLACE}"
DEVICE = f"cn=may+serialNumber=1,{PLACE}"
PERSON = "objectClass: inetOrgPerson\nsn: x\ncn: x\n"


@pytest.fixture
def tools(server: Server) -> Iterator[Tools]:
    """The tools; below one entry there are `an`, who has somebody below, and a device with a name of two
    values."""
    with connect(server) as admin:
        assert admin.add(PLACE, "organizationalUnit"), admin.result
        values = {"cn": "Lê An", "sn": "Lê", "title": "x", "employeeNumber": "1", "mail": "an@example.vn"}
        assert admin.add(AN, "inetOrgPerson", values), admin.result
        assert admin.add(f"uid=em,{AN}", "inetOrgPerson", {"cn": "Em", "sn": "Em"}), admin.result
        assert admin.add(DEVICE, "device"), admin.result
        yield Tools(server)
        admin.search(PLACE, "(objectClass=*)", attributes=["1.1"])
        for entry in sorted(admin.response, key=lambda found: -found["dn"].count(",")):
            admin.delete(entry["dn"])


def matched(said: Said) -> str:
    """The matchedDN that a tool tells."""
    for line in (said.out + said.err).splitlines():
        name, _, value = line.strip().partition(": ")
        if name.lower() == "matched dn":
            return value
    return ""


@pytest.mark.parametrize(
    ("dn", "attributes", "code", "matched_dn"),
    [
        (f"uid=a,ou=none,{PLACE}", PERSON, 32, PLACE),
        ("uid=a,dc=example,dc=com", PERSON, 53, ""),
        (f"UID = AN , {PLACE}", PERSON, 68, ""),
        (f"uid=b,{PLACE}", PERSON, 0, ""),
        (f"uid=b,{PLACE}", PERSON + "uid: other\n", 0, ""),
        (f"uid=b,{PLACE}", "objectClass: inetOrgPerson\ncn: x\n", 65, ""),
        (f"uid=b,{PLACE}", PERSON + "serialNumber: 1\n", 65, ""),
        (f"uid=b,{PLACE}", "objectClass: dcObject\ndc: x\n", 65, ""),
        (f"uid=b,{PLACE}", PERSON + "objectClass: device\n", 65, ""),
        (f"uid=b,{PLACE}", PERSON + "objectClass: dcObject\n", 65, ""),
        (f"uid=b,{PLACE}", PERSON + "nosuch: x\n", 17, ""),
        (f"uid=b,{PLACE}", PERSON + "objectClass: nosuch\n", 21, ""),
        (f"uid=b,{PLACE}", PERSON + "description:\n", 21, ""),
        (f"uid=b,{PLACE}", PERSON + "description:: /w==\n", 21, ""),
        (f"uid=b,{PLACE}", PERSON + "manager: nonsense\n", 21, ""),
        (f"uid=b,{PLACE}", PERSON + "title: Kế  toán\ntitle: kế toán\n", 20, ""),
        (f"uid=b,{PLACE}", PERSON + "title: Kế toán\ntitle: Kế toán\n", 20, ""),
        (f"uid=b,{PLACE}", PERSON + "employeeNumber: 1\nemployeeNumber: 2\n", 19, ""),
        (f"uid=b,{PLACE}", PERSON + "employeeNumber: 1\nemployeeNumber:\n", 21, ""),
        (f"uid=b,{PLACE}", PERSON + "createTimestamp: 20260101000000Z\n", 19, ""),
        (f"uid=b,{PLACE}", PERSON + "mail: AN@example.vn\n", 19, ""),
        (f"nosuch=b,{PLACE}", PERSON, 34, ""),
        (f"b,{PLACE}", PERSON, 34, ""),
    ],
)
def test_adds(tools: Tools, dn: str, attributes: str, code: int, matched_dn: str) -> None:
    said = tools.change(f"dn: {dn}\nchangetype: add\n{attributes}", start_tls=False)
    assert (said.code, matched(said)) == (code, matched_dn), said.err
    assert "example.vn" not in said.err


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ("delete: uid", 67),
        ("replace: uid\nuid: b", 67),
        ("delete: sn", 65),
        ("delete: sn\n-\nadd: sn\nsn: y", 0),
        ("delete: objectClass", 65),
        ("replace: objectClass\nobjectClass: device", 69),
        ("delete: title\ntitle: absent", 16),
        ("delete: description", 16),
        ("replace: description", 0),
        ("add: title\ntitle: X", 20),
        ("add: title\ntitle: y\n-\nadd: nosuch\nnosuch: y", 17),
        ("increment: employeeNumber\nemployeeNumber: 1", 19),
        ("increment: description\ndescription: 1", 19),
        ("increment: mailQuota\nmailQuota: 1", 16),
        ("replace: entryUUID\nentryUUID: x", 19),
        ("add: objectClass\nobjectClass: nosuch", 21),
        ("replace: userPassword\nuserPassword: {SSHA}AAAA", 19),
    ],
)
def test_modifications(tools: Tools, changes: str, code: int) -> None:
    before = tools.search(AN, "*", "+", start_tls=False).out
    said = tools.change(f"dn: {AN}\nchangetype: modify\n{changes}\n", start_tls=False)
    assert said.code == code, said.err
    assert (tools.search(AN, "*", "+", start_tls=False).out == before) == (code != 0)


@pytest.mark.parametrize(
    ("dn", "lines", "code", "now"),
    [
        (AN, "newrdn: uid=AN\ndeleteoldrdn: 1", 0, f"uid=AN,{PLACE}"),
        (AN, f"newrdn: uid=b\ndeleteoldrdn: 0\nnewsuperior: {PLACE}", 0, f"uid=b,{PLACE}"),
        (AN, f"newrdn: uid=an\ndeleteoldrdn: 1\nnewsuperior: {PLACE}", 0, AN),
        (AN, f"newrdn: uid=an\ndeleteoldrdn: 1\nnewsuperior: uid=em,{AN}", 53, ""),
        (AN, f"newrdn: uid=an\ndeleteoldrdn: 1\nnewsuperior: {AN}", 53, ""),
        (AN, f"newrdn: uid=an\ndeleteoldrdn: 1\nnewsuperior: ou=none,{PLACE}", 32, ""),
        (AN, "newrdn: nosuch=b\ndeleteoldrdn: 1", 34, ""),
        (AN, "newrdn: dc=b\ndeleteoldrdn: 0", 65, ""),
        (AN, "newrdn: b\ndeleteoldrdn: 0", 34, ""),
        (AN, "newrdn: serialNumber=1+cn=may\ndeleteoldrdn: 0", 68, ""),
        (DEVICE, "newrdn: serialNumber=1+cn=May\ndeleteoldrdn: 1", 0, f"cn=MAY+serialNumber=1,{PLACE}"),
        (f"uid=none,{PLACE}", "newrdn: uid=b\ndeleteoldrdn: 1", 32, ""),
    ],
)
def test_renames(tools: Tools, dn: str, lines: str, code: int, now: str) -> None:
    said = tools.change(f"dn: {dn}\nchangetype: modrdn\n{lines}\n", start_tls=False)
    assert said.code == code, said.err
    assert not now or tools.search(now, "-s", "base", "1.1", start_tls=False).code == 0


@pytest.mark.parametrize(
    ("dn", "assertion", "code"),
    [
        (AN, "title:X", 6),
        (AN, "title:y", 5),
        (AN, "description:x", 16),
        (AN, "nosuch:x", 17),
        (AN, "jpegPhoto:x", 18),
        (AN, "manager:nonsense", 21),
        (AN, "userPassword:x", 50),
        (f"uid=none,{PLACE}", "title:x", 32),
    ],
)
def test_compares(tools: Tools, dn: str, assertion: str, code: int) -> None:
    said = tools.run("ldapcompare", dn, assertion, start_tls=False)
    assert said.code == code, said.err
    assert matched(said) == (PLACE if code == 32 else "")


@pytest.mark.parametrize(
    ("dn", "code", "matched_dn"),
    [(AN, 66, ""), (f"uid=em,{AN}", 0, ""), (f"uid=none,{AN}", 32, AN), (SUFFIX, 66, ""), ("x", 34, "")],
)
def test_deletes(tools: Tools, dn: str, code: int, matched_dn: str) -> None:
    said = tools.run("ldapdelete", dn, start_tls=False)
    assert (said.code, matched(said)) == (code, matched_dn), said.err


def test_a_stranger_learns_of_no_entry_whether_it_is_there(tools: Tools) -> None:
    there, missing = (
        tools.change(f"dn: {dn}\nchangetype: modify\nreplace: title\ntitle: y\n", start_tls=False, dn=None)
        for dn in (AN, f"uid=none,{PLACE}")
    )
    assert (there.code, missing.code) == (32, 32)
    assert there.err.splitlines() == missing.err.splitlines()


def test_adding_no_values_is_a_mistake_in_the_request(tools: Tools) -> None:
    """OpenLDAP's tools leave such a change out; other programs send it."""
    with connect(tools.server) as admin:
        admin.modify(AN, {"title": [(ldap3.MODIFY_ADD, [])]})
        assert admin.result["result"] == 2
        admin.modify(AN, {"title": [(ldap3.MODIFY_DELETE, [])], "description": [(ldap3.MODIFY_REPLACE, [])]})
        assert admin.result["result"] == 0
