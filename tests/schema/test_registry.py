"""The schema as a whole, and the shipped definitions."""

from __future__ import annotations

import pytest

from govdir.schema import format as definition_text
from govdir.schema import parse
from govdir.schema.definitions import AttributeType, ObjectClass
from govdir.schema.descriptions import ObjectClassKind, Usage
from govdir.schema.errors import InvalidDefinition, InvalidValue, UndefinedAttribute, UndefinedObjectClass
from govdir.schema.matching import MatchingRule
from govdir.schema.registry import Schema, load_schema, read_definitions

SCHEMA = load_schema()
SUBSCHEMA = SCHEMA.subschema_values()
TOP = "( 2.5.6.0 NAME 'top' ABSTRACT )"


def schema_of(*definitions: str) -> Schema:
    """A schema of definitions, each told apart by a leading "A " or "C "."""
    return Schema(
        [parse.parse_attribute_type(text[2:]) for text in definitions if text.startswith("A ")],
        [parse.parse_object_class(text[2:]) for text in definitions if text.startswith("C ")],
    )


def test_attribute_types_are_found_by_every_name_in_any_case_and_by_oid() -> None:
    found = {
        SCHEMA.attribute(name) for name in ("cn", "CN", "commonName", "COMMONNAME", "2.5.4.3", "cn;lang-vi")
    }

    assert [(attribute.name, attribute.key) for attribute in found] == [("cn", "cn")]


def test_object_classes_are_found_by_name_in_any_case_and_by_oid() -> None:
    found = {
        SCHEMA.object_class(name) for name in ("inetOrgPerson", "INETORGPERSON", "2.16.840.1.113730.3.2.2")
    }

    assert [object_class.key for object_class in found] == ["inetorgperson"]


def test_what_is_not_defined_is_said_to_be_so() -> None:
    assert SCHEMA.find_attribute("nosuch;lang-vi") is None
    assert SCHEMA.find_object_class("nosuch") is None
    assert SCHEMA.find_matching_rule("nosuch") is None
    assert SCHEMA.find_oid("nosuch") is None
    with pytest.raises(UndefinedAttribute, match="'nosuch'"):
        SCHEMA.attribute("nosuch")
    with pytest.raises(UndefinedObjectClass, match="'nosuch'"):
        SCHEMA.object_class("nosuch")


def test_rules_and_syntax_come_from_the_superior() -> None:
    sn, name = SCHEMA.attribute("sn"), SCHEMA.attribute("name")

    assert sn.superior is name
    assert (sn.syntax, sn.equality, sn.substring) == (name.syntax, name.equality, name.substring)
    assert SCHEMA.attribute("c").syntax.description == "Country String"
    assert SCHEMA.attribute("c").equality is name.equality


def test_subtypes_include_the_type_itself_and_all_below() -> None:
    subtypes = SCHEMA.subtypes(SCHEMA.attribute("name"))

    assert subtypes[0].key == "name"
    assert {"cn", "sn", "givenname", "o", "ou", "c", "title"} <= {attribute.key for attribute in subtypes}
    assert SCHEMA.subtypes(SCHEMA.attribute("mail")) == (SCHEMA.attribute("mail"),)


def test_a_class_requires_and_allows_what_its_superiors_do() -> None:
    person = SCHEMA.object_class("inetOrgPerson")

    assert person.all_must == {"objectclass", "cn", "sn"}
    assert {"mail", "uid", "telephonenumber", "userpassword"} <= person.all_may
    assert [above.key for above in person.chain] == ["inetorgperson", "organizationalperson", "person", "top"]


def test_a_required_attribute_is_not_counted_as_allowed_too() -> None:
    schema = schema_of("A ( 1.1 NAME 'a' SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )", "C ( 1.2 MUST a MAY a )")

    assert schema.object_class("1.2").all_may == frozenset()


def test_definitions_may_stand_in_any_order() -> None:
    schema = schema_of(
        "A ( 1.2 NAME 'b' SUP a )",
        "A ( 1.1 NAME 'a' SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 EQUALITY caseIgnoreMatch )",
        "C ( 2.2 NAME 'd' SUP c MUST B )",
        "C ( 2.1 NAME 'c' ABSTRACT MAY a )",
    )

    assert schema.attribute("b").equality is schema.find_matching_rule("CASEIGNOREMATCH")
    assert schema.object_class("d").all_may == {"a"}
    assert schema.attribute("b").description.superior == "a"


STRING = "SYNTAX 1.3.6.1.4.1.1466.115.121.1.15"


@pytest.mark.parametrize(
    ("definitions", "why"),
    [
        (["A ( 1.1 NAME 'a' SUP b )"], "attribute type 1.1 a: attribute type b is not defined"),
        (["A ( 1.1 SYNTAX 1.9 )"], "syntax 1.9 is not defined"),
        ([f"A ( 1.1 {STRING} EQUALITY e )"], "matching rule e is not defined"),
        (["A ( 1.1 NAME 'a' SUP b )", "A ( 1.2 NAME 'b' SUP a )"], "its own superior"),
        ([f"A ( 1.1 NAME 'a' {STRING} )", f"A ( 1.2 NAME 'A' {STRING} )"], "A is defined twice"),
        ([f"A ( 1.1 NAME 'a' {STRING} )", f"A ( 1.1 NAME 'b' {STRING} )"], "1.1 is defined twice"),
        ([f"A ( 1.1 NAME 'a' {STRING} )", "A ( 1.2 SUP a USAGE dSAOperation )"], "usage differs"),
        (["C ( 1.1 SUP x )"], "object class x is not defined"),
        (["C ( 1.1 MUST x )"], "attribute type x is not defined"),
        (["C ( 1.1 MAY x )"], "attribute type x is not defined"),
        (["C ( 1.1 NAME 'a' SUP b )", "C ( 1.2 NAME 'b' SUP a )"], "its own superior"),
        (["C ( 1.1 NAME 'a' AUXILIARY )", "C ( 1.2 NAME 'b' SUP a STRUCTURAL )"], "cannot have a above it"),
        (["C ( 1.1 NAME 'a' )", "C ( 1.2 NAME 'b' SUP a ABSTRACT )"], "cannot have a above it"),
    ],
)
def test_a_schema_that_does_not_hold_together_is_refused(definitions: list[str], why: str) -> None:
    with pytest.raises(InvalidDefinition, match=why):
        schema_of(*definitions)


def test_schema_files_are_read_with_folded_lines_and_comments() -> None:
    lines = [
        "# a comment",
        " that goes on",
        "dn: cn=x",
        "objectClass: subschema",
        "",
        "attributeTypes: ( 1.1",
        "  NAME 'a' SY",
        " NTAX 1.3 )",
        "objectclasses: ( 1.2 )",
    ]

    attribute_types, object_classes = read_definitions(lines, "x.ldif")

    assert [(found.oid, found.names, found.syntax) for found in attribute_types] == [("1.1", ("a",), "1.3")]
    assert [found.oid for found in object_classes] == ["1.2"]


@pytest.mark.parametrize(
    ("lines", "where"),
    [
        (
            ["", "attributeTypes: ( 1.1", "  NAME 'a' )"],
            "x.ldif line 2: .*1.1 'a': it has neither SUP nor SYNTAX",
        ),
        (["dn: cn=x", "attributetype ( 1.1 )"], "x.ldif line 2: .*not expected"),
    ],
)
def test_errors_in_schema_files_name_file_and_line(lines: list[str], where: str) -> None:
    with pytest.raises(InvalidDefinition, match=where):
        read_definitions(lines, "x.ldif")


def test_every_oid_and_every_name_is_one_thing_only() -> None:
    elements: list[AttributeType | ObjectClass] = [*SCHEMA.attribute_types, *SCHEMA.object_classes]
    oids = [element.oid for element in elements]
    oids += [parse.parse_matching_rule(text).oid for text in SUBSCHEMA["matchingRules"]]
    oids += [parse.parse_syntax(text).oid for text in SUBSCHEMA["ldapSyntaxes"]]
    names = [name.lower() for element in elements for name in element.names]

    assert len(oids) == len(set(oids))
    assert len(names) == len(set(names))


def test_published_texts_read_back_to_equal_descriptions() -> None:
    for attribute, text in zip(SCHEMA.attribute_types, SUBSCHEMA["attributeTypes"], strict=True):
        assert parse.parse_attribute_type(text) == attribute.description
    for object_class, text in zip(SCHEMA.object_classes, SUBSCHEMA["objectClasses"], strict=True):
        assert parse.parse_object_class(text) == object_class.description


def test_published_texts_conform_to_the_syntax_of_their_attribute() -> None:
    for name, texts in SUBSCHEMA.items():
        attribute = SCHEMA.attribute(name)
        assert attribute.equality is not None
        for text in texts:
            attribute.syntax.check(text.encode())
            assert attribute.equality.key(text.encode()) == text.split()[1].encode()


def test_everything_published_definitions_refer_to_is_published() -> None:
    rules = {parse.parse_matching_rule(text) for text in SUBSCHEMA["matchingRules"]}
    rule_names = {name for rule in rules for name in rule.names}
    syntaxes = {parse.parse_syntax(text).oid for text in SUBSCHEMA["ldapSyntaxes"]}

    assert {rule.syntax for rule in rules} <= syntaxes
    for attribute in SCHEMA.attribute_types:
        found = (attribute.equality, attribute.ordering, attribute.substring)
        assert {rule.name for rule in found if rule is not None} <= rule_names
        assert attribute.syntax.oid in syntaxes


def test_rules_stand_in_the_role_they_are_made_for() -> None:
    for attribute in SCHEMA.attribute_types:
        assert attribute.equality is None or not attribute.equality.is_substrings_rule
        assert attribute.ordering is None or attribute.ordering.name.endswith("OrderingMatch")
        assert attribute.substring is None or attribute.substring.is_substrings_rule


def key_or_refusal(rule: MatchingRule, value: bytes) -> bytes | str:
    try:
        return rule.key(value)
    except InvalidValue as refusal:
        return refusal.why


def test_one_key_serves_equality_ordering_and_substrings() -> None:
    samples = (b"Nguyen Van  Minh", "Nguyễn  VĂN".encode(), b"12 34", b"7", b"20150630170000Z", b"TRUE")
    for attribute in SCHEMA.attribute_types:
        for rule in (attribute.ordering, attribute.substring):
            if rule is None or attribute.equality is None:
                continue
            for sample in samples:
                assert key_or_refusal(rule, sample) == key_or_refusal(attribute.equality, sample)


def test_matching_rule_use_lists_the_attributes_of_a_rule() -> None:
    uses = {
        use.names[0]: use.applies for use in map(parse.parse_matching_rule_use, SUBSCHEMA["matchingRuleUse"])
    }

    assert "mail" in uses["caseIgnoreIA5Match"]
    assert "gdRevokeAt" in uses["generalizedTimeOrderingMatch"]
    assert "sn" in uses["caseExactMatch"]
    assert "caseIgnoreSubstringsMatch" not in uses


def test_every_class_but_top_and_subschema_stands_below_top() -> None:
    outside = {found.key for found in SCHEMA.object_classes if SCHEMA.object_class("top") not in found.chain}

    assert outside == {"subschema"}


@pytest.mark.parametrize(
    ("name", "oid"),
    [
        ("mail", "0.9.2342.19200300.100.1.3"),
        ("mailLocalAddress", "2.16.840.1.113730.3.1.13"),
        ("mailAlternateAddress", "2.16.840.1.113730.3.1.13"),
        ("accountStatus", "1.3.6.1.4.1.7914.1.2.1.12"),
        ("enabledService", "1.3.6.1.4.1.32349.1.2.2.13"),
        ("mailQuota", "1.3.6.1.4.1.32349.1.2.2.5"),
        ("maxMessageSize", "1.3.6.1.4.1.32349.1.2.2.27"),
        ("dnsender", "1.3.6.1.4.1.7914.1.3.1.10"),
        ("rfc822sender", "1.3.6.1.4.1.7914.1.3.1.11"),
        ("entryUUID", "1.3.6.1.1.16.4"),
        ("pwdChangedTime", "1.3.6.1.4.1.42.2.27.8.1.16"),
    ],
)
def test_names_that_clients_rely_on_have_their_well_known_oids(name: str, oid: str) -> None:
    assert SCHEMA.attribute(name).oid == oid


def test_what_the_server_derives_is_returned_for_star_but_not_written_by_clients() -> None:
    for name in ("accountStatus", "enabledService", "gdNameKey", "gdStateSince", "gdPreviousAddress"):
        attribute = SCHEMA.attribute(name)
        assert attribute.no_user_modification
        assert attribute.usage is Usage.USER_APPLICATIONS
        assert not attribute.is_operational
        # Clients refuse a schema whose user attributes carry the keyword.
        assert "NO-USER-MODIFICATION" not in definition_text.format_attribute_type(attribute.description)


def test_the_server_s_own_attributes_are_operational_and_not_modifiable() -> None:
    for name in (
        "entryUUID",
        "entryDN",
        "entryCSN",
        "createTimestamp",
        "hasSubordinates",
        "memberOf",
        "pwdHistory",
    ):
        attribute = SCHEMA.attribute(name)
        assert attribute.is_operational
        assert attribute.no_user_modification


def test_a_mailbox_requires_nothing_the_server_fills_in() -> None:
    mailbox = SCHEMA.object_class("gdMailbox")

    assert mailbox.kind is ObjectClassKind.AUXILIARY
    assert mailbox.must == frozenset()
    assert {"mail", "maillocaladdress", "gdmailboxkind", "mailquota", "userpassword"} <= mailbox.may


def test_every_time_of_the_lifecycle_can_be_compared_by_order() -> None:
    times = [found for found in SCHEMA.attribute_types if found.syntax.description == "Generalized Time"]

    assert len(times) > 12
    assert all(found.ordering is not None for found in times)


def test_no_class_says_twice_that_it_takes_an_attribute() -> None:
    # RFC 4519 §3.11 has l in residentialPerson as required and as allowed; Apache's loader refuses that.
    assert {kind.name: kind.must & kind.may for kind in SCHEMA.object_classes if kind.must & kind.may} == {}
