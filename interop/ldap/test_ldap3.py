"""ldap3 (pure Python) does its whole job, synchronous and asynchronous."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

import ldap3
import pytest
from ldap3.core.exceptions import LDAPStartTLSError

from interop.server import ADMIN, ADMIN_PASSWORD, SUFFIX, Server

PASSWORD = "Song-Hau-7894"


def peer(server: Server, **more: object) -> ldap3.Server:
    tls = ldap3.Tls(ca_certs_file=str(server.ca_file), validate=ssl.CERT_REQUIRED)
    return ldap3.Server("127.0.0.1", server.port, tls=tls, get_info=ldap3.ALL, connect_timeout=10, **more)


@pytest.fixture(params=[ldap3.SYNC, ldap3.SAFE_SYNC, ldap3.ASYNC, ldap3.RESTARTABLE, ldap3.SAFE_RESTARTABLE])
def asked(request: pytest.FixtureRequest, server: Server) -> Iterator[ldap3.Connection]:
    """A connection of each strategy, over StartTLS."""
    connection = ldap3.Connection(
        peer(server), ADMIN, ADMIN_PASSWORD, client_strategy=request.param, receive_timeout=20
    )
    connection.open()
    connection.start_tls()
    connection.bind()
    yield connection
    receiver = getattr(connection.strategy, "receiver", None)
    connection.unbind()
    if receiver is not None:  # it closes TLS on a descriptor that the next connection may have by then
        receiver.join(10)


@pytest.fixture
def connection(server: Server) -> Iterator[ldap3.Connection]:
    """A synchronous one that knows the schema."""
    with ldap3.Connection(
        peer(server), ADMIN, ADMIN_PASSWORD, auto_bind=ldap3.AUTO_BIND_TLS_BEFORE_BIND
    ) as made:
        yield made


def outcome(connection: ldap3.Connection, returned: object) -> tuple[int, list[dict[str, object]]]:
    """The result code and entries, whichever way the strategy hands them over."""
    if isinstance(returned, tuple):
        return returned[1]["result"], [each for each in returned[2] or () if "dn" in each]
    if connection.strategy.sync:
        result, response = connection.result, connection.response
    else:
        response, result = connection.get_response(returned)
    return result["result"], [each for each in response or () if "dn" in each]


def test_every_strategy_searches_and_changes(asked: ldap3.Connection, staff: str) -> None:
    code, entries = outcome(asked, asked.search(staff, "(cn=nguyễn văn an)", attributes=["cn", "uid"]))
    assert (code, [entry["dn"] for entry in entries]) == (0, [f"uid=an,{staff}"])
    dn = f"uid=moi,{staff}"
    assert outcome(asked, asked.add(dn, "inetOrgPerson", {"cn": "Mới", "sn": "Võ"}))[0] == 0
    assert outcome(asked, asked.modify(dn, {"title": [(ldap3.MODIFY_ADD, ["Cán sự"])]}))[0] == 0
    assert outcome(asked, asked.compare(dn, "title", "cán sự"))[0] == 6
    assert outcome(asked, asked.modify_dn(dn, "uid=moi2"))[0] == 0
    assert outcome(asked, asked.delete(f"uid=moi2,{staff}"))[0] == 0
    assert outcome(asked, asked.delete(f"uid=moi2,{staff}"))[0] == 32


def test_it_reads_what_the_server_says_of_itself(connection: ldap3.Connection) -> None:
    info = connection.server.info
    assert info.naming_contexts == [SUFFIX]
    assert "1.3.6.1.4.1.4203.1.11.3" in {extension[0] for extension in info.supported_extensions}
    assert info.supported_ldap_versions == ["3"]


def test_it_reads_the_schema_and_checks_names_by_it(connection: ldap3.Connection, staff: str) -> None:
    schema = connection.server.schema
    assert "cn" in schema.object_classes["person"].must_contain
    assert schema.attribute_types["preferredLanguage"].single_value
    assert "gdMailbox" in schema.object_classes
    with pytest.raises(ldap3.core.exceptions.LDAPAttributeError):
        connection.search(staff, "(uid=an)", attributes=["nosuch"])


def test_the_abstraction_layer_reads_and_writes_entries(connection: ldap3.Connection, staff: str) -> None:
    person = ldap3.ObjectDef("inetOrgPerson", connection)
    reader = ldap3.Reader(connection, person, staff, "uid: an")
    (found,) = reader.search()
    writer = ldap3.Writer.from_cursor(reader)
    writer[0].title = "Giám đốc"
    assert writer.commit()
    assert found.cn.value == "Nguyễn Văn An"
    assert connection.compare(f"uid=an,{staff}", "title", "Giám đốc")


def test_typed_values_come_out_as_python_values(connection: ldap3.Connection, staff: str) -> None:
    connection.search(staff, "(uid=an)", attributes=["createTimestamp", "hasSubordinates", "entryUUID"])
    (entry,) = connection.entries
    assert entry.createTimestamp.value.tzinfo is not None
    assert entry.hasSubordinates.value is False
    assert len(entry.entryUUID.value.strip("{}")) == 36


def test_pages_hold_everything_once(connection: ldap3.Connection, staff: str) -> None:
    pages = connection.extend.standard.paged_search(
        staff, "(uid=*)", attributes=["uid"], paged_size=2, generator=True
    )
    assert sorted(page["attributes"]["uid"][0] for page in pages) == ["an", "binh", "chau", "dung", "em"]


def test_an_altered_cookie_is_refused(connection: ldap3.Connection, staff: str) -> None:
    connection.search(staff, "(uid=*)", paged_size=2)
    control = connection.result["controls"]["1.2.840.113556.1.4.319"]
    cookie = bytes(control["value"]["cookie"])
    connection.search(staff, "(uid=*)", paged_size=2, paged_cookie=cookie[:-1] + bytes([cookie[-1] ^ 1]))
    assert connection.result["result"] == 53


def test_a_cookie_of_another_search_is_refused(connection: ldap3.Connection, staff: str) -> None:
    connection.search(staff, "(uid=*)", paged_size=2)
    cookie = connection.result["controls"]["1.2.840.113556.1.4.319"]["value"]["cookie"]
    connection.search(staff, "(cn=*)", paged_size=2, paged_cookie=cookie)
    assert connection.result["result"] == 53


def test_entries_move_with_all_below_them(connection: ldap3.Connection, staff: str) -> None:
    assert connection.modify_dn(f"uid=chau,{staff}", "uid=chau", new_superior=f"uid=an,{staff}")
    assert connection.search(f"uid=em,uid=chau,uid=an,{staff}", "(objectClass=*)", ldap3.BASE)


def test_the_password_modify_operation(connection: ldap3.Connection, server: Server, staff: str) -> None:
    dn = f"uid=an,{staff}"
    assert connection.extend.standard.modify_password(dn, new_password=PASSWORD)
    own = ldap3.Connection(peer(server), dn, PASSWORD, auto_bind=ldap3.AUTO_BIND_TLS_BEFORE_BIND)
    assert own.extend.standard.who_am_i() == f"dn:{dn}"
    assert own.extend.standard.modify_password(old_password=PASSWORD, new_password="Song-Hau-7895")
    assert not own.rebind(dn, PASSWORD)
    assert own.rebind(dn, "Song-Hau-7895")


def test_a_wrong_old_password_changes_nothing(
    connection: ldap3.Connection, server: Server, staff: str
) -> None:
    dn = f"uid=binh,{staff}"
    connection.extend.standard.modify_password(dn, new_password=PASSWORD)
    own = ldap3.Connection(peer(server), dn, PASSWORD, auto_bind=ldap3.AUTO_BIND_TLS_BEFORE_BIND)
    assert not own.extend.standard.modify_password(old_password="sai", new_password="Song-Hau-7895")
    assert own.result["result"] in (49, 53)
    assert own.rebind(dn, PASSWORD)


def test_start_tls_twice_is_an_operations_error(server: Server) -> None:
    with ldap3.Connection(peer(server), auto_bind=ldap3.AUTO_BIND_TLS_BEFORE_BIND) as connection:
        connection.extended("1.3.6.1.4.1.1466.20037")
        assert connection.result["result"] == 1


def test_a_server_of_another_authority_is_not_trusted(server: Server) -> None:
    tls = ldap3.Tls(validate=ssl.CERT_REQUIRED)
    stranger = ldap3.Connection(ldap3.Server("127.0.0.1", server.port, tls=tls))
    with pytest.raises(LDAPStartTLSError):
        stranger.start_tls()


def test_a_failed_rebind_leaves_nobody(server: Server) -> None:
    connection = ldap3.Connection(peer(server), ADMIN, ADMIN_PASSWORD, auto_bind=True)
    assert not connection.rebind(ADMIN, "sai")
    connection.search(SUFFIX, "(objectClass=*)", attributes=["*"])
    assert connection.entries == []
