"""What is worked out on reading is as private as what is stored: also to filters and comparisons."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from govdir.directory.caller import Role
from govdir.directory.errors import DirectoryError, NoSuchObject
from govdir.directory.handle import Handle
from govdir.ldap.codec.messages import Scope, SearchResultEntry
from tests.directory.building import SONV, SUFFIX, Town, entries, open_town, request

LAN, HUY = (f"uid={uid},{SONV}" for uid in ("lan", "huy"))
ALL = f"cn=all,ou=lists,{SUFFIX}"
ADDRESS = "ttlan@cantho.gov.vn"
STRANGERS = ("anonymous", "person", "member", "addressbook", "portal", "login")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with open_town(tmp_path_factory.mktemp("private") / "town.db") as town:
        town.person("lan", "Trần Thị Lan")
        town.person("huy", "Lê Quang Huy")
        town.add(ALL, {"objectClass": "gdMailList", "mail": "all@cantho.gov.vn", "member": LAN})
        yield town


def handle(town: Town, who: str) -> Handle:
    people = {"anonymous": (Role.ANONYMOUS, ""), "person": (Role.PERSON, HUY), "member": (Role.PERSON, LAN)}
    if who in people:
        return town.caller(*people[who])
    return town.caller(Role.SERVICE, kind=who)


def answered(asking: Handle, dn: str, wanted: str, *attributes: str) -> list[SearchResultEntry]:
    """The entry, if it is found; nothing for whoever may not even see it."""
    try:
        return entries(asking.search(request(wanted, dn, Scope.BASE_OBJECT, attributes)))
    except NoSuchObject:
        return []


def found(asking: Handle, dn: str, wanted: str) -> list[str]:
    return [entry.object_name for entry in answered(asking, dn, wanted, "1.1")]


@pytest.mark.parametrize("who", STRANGERS)
@pytest.mark.parametrize(
    "wanted",
    [
        "(gdMemberAddress=*)",
        f"(gdMemberAddress={ADDRESS})",
        "(gdMemberAddress=ttl*)",
        "(!(gdMemberAddress=nobody@cantho.gov.vn))",
        "(gdMemberAddress;x-a=*)",
        f"(gdMemberAddress:caseIgnoreIA5Match:={ADDRESS})",
        f"(:caseIgnoreIA5Match:={ADDRESS})",
    ],
)
def test_nobody_but_mail_servers_finds_out_who_is_on_a_list(town: Town, who: str, wanted: str) -> None:
    assert found(handle(town, who), ALL, wanted) == []


@pytest.mark.parametrize("who", STRANGERS)
def test_nor_reads_or_compares_it(town: Town, who: str) -> None:
    asking = handle(town, who)
    seen = answered(asking, ALL, "(&)", "gdMemberAddress", "+", "memberOf")
    assert not {one.type.lower() for entry in seen for one in entry.attributes} & {
        "gdmemberaddress",
        "memberof",
    }
    with pytest.raises(DirectoryError) as refused:
        asking.compare(ALL, "gdMemberAddress", ADDRESS.encode())
    with pytest.raises(DirectoryError) as same:
        asking.compare(ALL, "gdMemberAddress", b"nobody@cantho.gov.vn")
    assert (type(refused.value), str(refused.value)) == (type(same.value), str(same.value))


def test_a_mail_server_reads_it(town: Town) -> None:
    mail = handle(town, "mail")
    (entry,) = answered(mail, ALL, "(gdMemberAddress=*)", "gdMemberAddress")
    assert [one.values for one in entry.attributes] == [(ADDRESS.encode(),)]


@pytest.mark.parametrize("wanted", ["(gdSharedGroups=*)", "(!(gdSharedGroups=x))", "(memberOf=*)"])
def test_nobody_finds_out_what_a_colleague_may_read_besides(town: Town, wanted: str) -> None:
    assert found(handle(town, "person"), LAN, "(uid=lan)") == [LAN]
    assert found(handle(town, "person"), LAN, wanted) == []
