"""Loading many entries at once: the rules of an add, all or nothing, told by the line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest

from govdir.directory.bulk import BulkPlan, LoadRefused, PlannedEntry, Refusal
from govdir.directory.entry import Attributes
from govdir.directory.errors import AliasProblem, ConstraintViolation, ObjectClassViolation
from govdir.directory.image import Image
from govdir.directory.ports import StoredEntry
from govdir.directory.secrets import unpack_secrets
from govdir.ldap.codec.ldif_records import ContentRecord
from govdir.ldap.codec.messages import AddRequest
from tests.directory.building import SONV, SOTTTT, SUFFIX, Town, attribute
from tests.directory.imaging import VOCABULARY

SSHA = b"{SSHA}qoqo8p2lzW2u9gJ5c1cV4vB0nYxhbGVtb3VzZQ=="
PERSON = ("inetOrgPerson", "gdPerson", "gdMailbox")


def record(line: int, dn: str, *classes: str, **values: str | bytes) -> ContentRecord:
    pairs = [("objectClass", name.encode()) for name in classes]
    pairs += [(name, one if isinstance(one, bytes) else one.encode()) for name, one in values.items()]
    return ContentRecord(line, dn, pairs)


def plan(town: Town, records: Iterable[ContentRecord], *, keep_hashes: bool = False) -> BulkPlan:
    planned = BulkPlan(town.directory, keep_hashes=keep_hashes)
    planned.take(records)
    return planned


def held(entry: PlannedEntry) -> Attributes:
    return entry.shape.attributes(entry.body)


def refusals(town: Town, *records: ContentRecord) -> Sequence[Refusal]:
    with pytest.raises(LoadRefused) as refused:
        plan(town, records)
    return refused.value.refusals


def loaded(town: Town, planned: BulkPlan) -> Image:
    """The town's image as it will be once the plan is stored."""
    image = Image(VOCABULARY)
    assert town.directory.image.root is not None
    held = [
        StoredEntry(
            one.id,
            None if one.parent is None else one.parent.id,
            one.rdn.decode(),
            one.rdn_key,
            one.shape.descriptor,
            one.body,
            one.secrets,
            town.directory.image.index_keys.of_body(one.shape, one.body),
            one.version,
        )
        for one in town.directory.image.root.descendants()
    ]
    held += [
        StoredEntry(
            number, parent, one.rdn, one.rdn_key, one.shape.descriptor, one.body, one.secrets, one.keys, 99
        )
        for number, parent, one in planned.rows(len(town.directory.image.records) + 5)
    ]
    image.load(held)
    return image


RECORDS = [
    record(1, f"uid=*,ou=ban,{SONV}", *PERSON, cn="Nguyễn Văn Minh"),
    record(2, f"uid=x,ou=ban,{SONV}", *PERSON, cn="Nguyễn Văn Minh", telephoneNumber="123"),
    record(3, f"ou=ban,{SONV}", "organizationalUnit"),
    record(4, f"cn=d,{SOTTTT}", "device", description="máy"),
]


def test_a_load_gives_what_adding_one_by_one_gives(town: Town) -> None:
    image = loaded(town, plan(town, RECORDS))
    for one in sorted(RECORDS, key=lambda one: one.dn.count(",")):
        given: dict[str, list[bytes]] = {}
        for name, value in one.attributes:
            given.setdefault(name, []).append(value)
        messages = tuple(
            attribute(name, [value.decode() for value in values]) for name, values in given.items()
        )
        town.run(town.local.add(AddRequest(one.dn, messages)))
    for added in town.directory.image.root.descendants():  # type: ignore[union-attr]
        found = image.find(town.directory.path_of(added.dn_text) or ())
        assert found is not None, added.dn_text
        assert found.dn == added.dn
        for key in sorted(added.shape.by_attribute.keys() | found.shape.by_attribute.keys()):
            if key not in ("entryuuid", "entrycsn"):
                assert found.values(key) == added.values(key), (added.dn_text, key)


def test_parents_may_come_after_their_children_and_are_numbered_before(town: Town) -> None:
    planned = plan(town, [record(1, f"cn=d,ou=b,ou=a,{SONV}", "device"), *_units("ou=b,ou=a", "ou=a")])
    rows = list(planned.rows(100))
    assert [one.rdn for _, _, one in rows] == ["ou=a", "ou=b", "cn=d"]
    assert [parent for _, parent, _ in rows][1:] == [100, 101]


def _units(*rdns: str) -> list[ContentRecord]:
    return [record(10 + at, f"{rdn},{SONV}", "organizationalUnit") for at, rdn in enumerate(rdns)]


def test_every_refusal_tells_line_and_name_and_nothing_is_loaded(town: Town) -> None:
    found = refusals(
        town,
        record(1, f"cn=good,{SONV}", "device"),
        record(11, f"cn=bad,{SONV}", "device", nosuch="x"),
        record(21, "cn=elsewhere,dc=vn", "device"),
        record(31, f"cn=orphan,ou=nosuch,{SONV}", "device"),
        record(41, f"cn=GOOD,{SONV}", "device"),
        record(51, SONV, "organizationalUnit"),
        record(61, "", "device"),
        record(71, f"userPassword=x,{SONV}", "device", cn="d"),
        record(81, f"cn=bare,{SONV}", "device", title="not allowed"),
    )
    assert {one.line: int(one.error.code) for one in found} == {
        11: 17, 21: 53, 31: 32, 41: 68, 51: 68, 61: 34, 71: 64, 81: 65,
    }  # fmt: skip
    assert {one.dn for one in found if one.line == 41} == {f"cn=GOOD,{SONV}"}


def test_an_address_given_twice_in_the_file_or_held_already_is_refused(town: Town) -> None:
    town.person("an", "Lê An")
    (mail,) = town.values(f"uid=an,{SONV}", "mail")
    plain = ("inetOrgPerson",)
    found = refusals(
        town,
        record(1, f"uid=a,{SONV}", *plain, cn="a", sn="a", mail="new@cantho.gov.vn"),
        record(2, f"uid=b,{SONV}", *plain, cn="b", sn="b", mail="NEW@cantho.gov.vn"),
        record(3, f"uid=c,{SONV}", *plain, cn="c", sn="c", mail=mail.upper()),
    )
    assert [(one.line, int(one.error.code)) for one in found] == [(2, 19), (3, 19)]


def test_identity_and_creation_are_kept_and_the_rest_is_made_anew(town: Town) -> None:
    kept = {"entryUUID": "597ae2f6-16a6-1027-98f4-d28b5365dc14", "createTimestamp": "20200101000000Z"}
    anew = {
        "entryDN": "cn=old",
        "memberOf": "cn=old",
        "modifyTimestamp": "20200101000000Z",
        "pwdHistory": "secret",
    }
    (entry,) = plan(town, [record(1, f"cn=d,{SONV}", "device", **kept, **anew)]).entries
    stored = held(entry)
    for name, value in kept.items():
        assert stored.text(name) == value
    assert stored.text("modifyTimestamp") == "20260302080000Z"
    assert not {"entryDN", "memberOf", "pwdHistory"} & {one.text for one in stored}


def test_an_identity_is_one_entrys_only(town: Town) -> None:
    (held,) = town.values(SONV, "entryUUID")
    fresh = "597ae2f6-16a6-1027-98f4-d28b5365dc14"
    refused = refusals(
        town,
        record(1, f"ou=a,{SONV}", "organizationalUnit", entryUUID=held.upper()),
        record(5, f"ou=b,{SONV}", "organizationalUnit", entryUUID=fresh),
        record(9, f"ou=c,{SONV}", "organizationalUnit", entryUUID=fresh.upper()),
    )
    assert [(one.line, "entryUUID" in one.error.diagnostic) for one in refused] == [(1, True), (9, True)]
    with pytest.raises(ConstraintViolation):
        town.add(f"ou=a,{SONV}", {"objectClass": "organizationalUnit", "entryUUID": held})


def test_hashes_are_taken_over_when_asked_for_and_only_those_that_can_be_checked(town: Town) -> None:
    person = record(1, f"uid=an,{SONV}", *PERSON, cn="Lê An", userPassword=SSHA)
    assert int(refusals(town, person)[0].error.code) == 19
    (entry,) = plan(town, [person], keep_hashes=True).entries
    assert unpack_secrets(entry.secrets).password == SSHA
    assert SSHA not in entry.body
    assert held(entry).text("pwdReset") is None
    broken = record(1, f"uid=an,{SONV}", *PERSON, cn="Lê An", userPassword=b"{NOSUCH}x")
    with pytest.raises(LoadRefused):
        plan(town, [broken], keep_hashes=True)


def test_passwords_in_clear_are_judged_hashed_and_to_be_changed(town: Town) -> None:
    def person(password: bytes) -> ContentRecord:
        return record(1, f"uid=an,{SONV}", *PERSON, cn="Lê An", userPassword=password)

    (entry,) = plan(town, [person(b"Hoa-sen-trang-927")]).entries
    assert (unpack_secrets(entry.secrets).password or b"").startswith(b"{ARGON2}")
    assert held(entry).text("pwdReset") == "TRUE"
    assert int(refusals(town, person(b"12345678"))[0].error.code) == 19
    assert int(refusals(town, person(b"\xff\xfe" * 8))[0].error.code) == 21
    service = record(
        1, f"cn=s,ou=services,{SUFFIX}", "gdService", gdServiceKind="mail", userPassword="Hoa-sen-trang-927"
    )
    (entry,) = plan(town, [service]).entries
    assert held(entry).text("pwdReset") is None


def test_aliases_and_subentries_are_loaded_and_nothing_below_them(town: Town) -> None:
    alias = record(1, f"cn=a,{SONV}", "alias", "extensibleObject", aliasedObjectName=SOTTTT)
    subentry = record(5, f"cn=s,{SONV}", "subentry", subtreeSpecification="{}")
    planned = plan(town, [alias, subentry])
    assert [entry.rdn for entry in planned.entries] == ["cn=a", "cn=s"]
    below = [record(9, f"cn=x,cn={name},{SONV}", "device") for name in ("a", "s")]
    told = refusals(town, *below, alias, subentry)
    assert [(each.dn, type(each.error)) for each in told] == [
        (f"cn=x,cn=a,{SONV}", AliasProblem),
        (f"cn=x,cn=s,{SONV}", ObjectClassViolation),
    ]
