"""Which shared mailboxes are open to somebody, and what a mail server is told of them."""

from __future__ import annotations

import pytest

from govdir.directory.caller import Role
from govdir.ldap.codec.messages import Change, ModifyOperation, ModifyRequest
from tests.directory.building import SONV, SOTTTT, Town, attribute, entries, names, request

AN, BINH, CHAU = (f"uid={uid},{SONV}" for uid in ("an", "binh", "chau"))
SHARED = ("organizationalUnit", "gdOrganization", "gdMailbox", "gdSharedMailbox")


@pytest.fixture
def shared(town: Town) -> Town:
    """An owns the mailboxes of two agencies, Bình is a delegate of one, Châu uses none."""
    for uid, name in (("an", "Nguyễn Văn An"), ("binh", "Trần Thị Bình"), ("chau", "Lê Minh Châu")):
        town.person(uid, name)
    share(town, SOTTTT, owner=AN)
    share(town, SONV, owner=AN, gdDelegate=BINH)
    return town


def share(town: Town, box: str, **values: str) -> None:
    given = {"objectClass": SHARED, **values}
    changes = tuple(Change(ModifyOperation.REPLACE, attribute(name, value)) for name, value in given.items())
    town.run(town.local.modify(ModifyRequest(box, changes)))


def groups(town: Town, person: str) -> str:
    """What a mail server reads."""
    mail_server = town.caller(Role.SERVICE, kind="mail")
    (found,) = entries(mail_server.search(request("(objectClass=*)", person, attributes=["gdSharedGroups"])))
    return ",".join(value.decode() for held in found.attributes for value in held.values)


def test_groups_of_all_mailboxes_are_one_value_in_order(shared: Town) -> None:
    assert groups(shared, AN) == "box-sonv,box-sotttt"
    assert groups(shared, BINH) == "box-sonv"


def test_whoever_uses_none_has_no_value(shared: Town) -> None:
    assert groups(shared, CHAU) == ""


def test_a_delegate_who_is_withdrawn_loses_it_at_once(shared: Town) -> None:
    shared.replace(SONV, "gdDelegate", CHAU)
    assert (groups(shared, BINH), groups(shared, CHAU)) == ("", "box-sonv")


def test_delegates_lose_it_when_their_time_is_over_and_the_owner_does_not(shared: Town) -> None:
    shared.replace(SONV, "gdDelegateUntil", "20260402000000Z")
    assert groups(shared, BINH) == "box-sonv"
    shared.clock.pass_time(days=60)
    assert (groups(shared, BINH), groups(shared, AN)) == ("", "box-sonv,box-sotttt")


def test_a_mailbox_that_is_closed_is_closed_to_all(shared: Town) -> None:
    shared.replace(SONV, "gdState", "suspended")
    assert (groups(shared, AN), groups(shared, BINH)) == ("box-sotttt", "")


def test_lists_one_owns_are_no_mailboxes(shared: Town) -> None:
    dn = "cn=canbo.sonv,ou=lists,dc=cantho,dc=gov,dc=vn"
    shared.add(dn, {"objectClass": "gdMailList", "mail": "canbo.sonv@cantho.gov.vn", "owner": [SONV, CHAU]})
    assert groups(shared, CHAU) == ""


def test_somebody_who_is_renamed_keeps_it(shared: Town) -> None:
    shared.rename(BINH, "uid=ttbinh")
    assert groups(shared, f"uid=ttbinh,{SONV}") == "box-sonv"


def test_it_can_be_searched_for(shared: Town) -> None:
    mail_server = shared.caller(Role.SERVICE, kind="mail")
    assert names(mail_server, "(gdSharedGroups=box-sonv)") == ["binh"]


def test_nobody_writes_it(shared: Town) -> None:
    with pytest.raises(Exception, match="gdSharedGroups"):
        shared.replace(CHAU, "gdSharedGroups", "box-sonv")


def test_people_do_not_see_it_of_each_other(shared: Town) -> None:
    person = shared.caller(Role.PERSON, CHAU)
    (found,) = entries(person.search(request("(objectClass=*)", AN, attributes=["gdSharedGroups"])))
    assert found.attributes == ()
