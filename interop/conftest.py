"""One server for the whole run, and corners of its tree for single tests."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import ldap3
import pytest

from interop.server import ADMIN, ADMIN_PASSWORD, SUFFIX, Server, running_server

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running govdir of Cần Thơ with only the base tree."""
    # Where service providers of the tests are told of logouts.
    private = {"private_hosts": '["localhost", "127.0.0.1"]'}
    with running_server(tmp_path_factory.mktemp("govdir"), private) as running:
        yield running


def connect(
    server: Server, dn: str | None = ADMIN, password: str | None = ADMIN_PASSWORD
) -> ldap3.Connection:
    """A bound connection that returns results rather than raising; anonymous without a DN."""
    peer = ldap3.Server("127.0.0.1", server.port, get_info=ldap3.NONE, connect_timeout=10)
    return ldap3.Connection(peer, dn, password, auto_bind=True, receive_timeout=30)


@pytest.fixture
def admin(server: Server) -> Iterator[ldap3.Connection]:
    """A connection of the province administrator."""
    with connect(server) as connection:
        yield connection


@pytest.fixture
def container(admin: ldap3.Connection) -> str:
    """The DN of a new organizationalUnit outside the mail tree, where no rule of the regulation applies."""
    dn = f"ou=thử {next(_numbers)},{SUFFIX}"
    assert admin.add(dn, "organizationalUnit"), admin.result
    return dn


@pytest.fixture
def staff(admin: ldap3.Connection, container: str) -> str:
    """A container with five people: an, binh, chau, dung and em; dung has no title, em is below chau."""
    people = (
        ("uid=an", "Nguyễn Văn An", "Nguyễn", {"title": "Chuyên viên", "telephoneNumber": "+84 292 111"}),
        ("uid=binh", "Trần Thị Bình", "Trần", {"title": "Trưởng phòng", "employeeNumber": "7"}),
        ("uid=chau", "Lê Minh Châu", "Lê", {"title": ["Chuyên viên", "Kế toán"]}),
        ("uid=dung", "Nguyễn Tiến Dũng", "Nguyễn", {}),
        ("uid=em,uid=chau", "Phạm Văn Em", "Phạm", {"title": "Văn thư"}),
    )
    for rdn, name, surname, more in people:
        attributes = {"cn": name, "sn": surname, "description": "người thử", **more}
        assert admin.add(f"{rdn},{container}", "inetOrgPerson", attributes), admin.result
    return container


@pytest.fixture(scope="session")
def agency(server: Server) -> str:
    """The DN of an agency below ou=orgs, where people get addresses."""
    dn = f"ou=sotn,ou=orgs,{SUFFIX}"
    classes = ["organizationalUnit", "gdOrganization", "gdMailbox"]
    with connect(server) as connection:
        assert connection.add(dn, classes, {"displayName": "Sở Thử nghiệm"}), connection.result
    return dn
