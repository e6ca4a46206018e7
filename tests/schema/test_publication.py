"""The subschema as clients get it: complete, consistent, the same everywhere, readable by others' parsers."""

from __future__ import annotations

import json
import re
import subprocess
from itertools import chain

import pytest
from ldap3.protocol.rfc4512 import (
    AttributeTypeInfo,
    LdapSyntaxInfo,
    MatchingRuleInfo,
    MatchingRuleUseInfo,
    ObjectClassInfo,
)

from govdir.directory.dynamic import DYNAMIC
from govdir.ldap.server.monitor import Observed, monitor_entries
from govdir.ldap.server.root_dse import Abilities, root_dse
from govdir.ldap.server.subschema import subschema_entry
from govdir.schema import revision
from govdir.schema.descriptions import Usage
from govdir.schema.registry import Schema, load_schema, read_definitions
from govdir.schema.revision import CREATED, RECORDED_AT, changed_at, digest_of
from interop.programs import SYSTEM_PYTHON, require_system_module

SCHEMA = load_schema()
PUBLISHED = SCHEMA.subschema_values()
KINDS = {
    "attributeTypes": AttributeTypeInfo,
    "objectClasses": ObjectClassInfo,
    "ldapSyntaxes": LdapSyntaxInfo,
    "matchingRules": MatchingRuleInfo,
    "matchingRuleUse": MatchingRuleUseInfo,
}


@pytest.fixture(scope="module")
def parsed():
    """Every definition as ldap3's parser, which knows nothing of ours, reads it: by kind, OID, object."""
    found = {}
    for kind, reader in KINDS.items():
        definitions = reader.from_definition(list(PUBLISHED[kind]))
        assert len({id(each) for each in definitions.values()}) == len(PUBLISHED[kind]), kind
        found[kind] = {each.oid: each for each in definitions.values()}
    return found


def names(parsed, kind):
    """All names and OIDs of a kind in lower case."""
    return {name.lower() for each in parsed[kind].values() for name in chain([each.oid], each.name or ())}


def listed(value):
    """What ldap3 gives as None, one text or a list."""
    return [] if value is None else [value] if isinstance(value, str) else list(value)


def test_every_attribute_type_refers_to_what_is_defined(parsed):
    attributes, rules = names(parsed, "attributeTypes"), names(parsed, "matchingRules")
    syntaxes = parsed["ldapSyntaxes"]
    for each in parsed["attributeTypes"].values():
        assert {name.lower() for name in listed(each.superior)} <= attributes, each.name
        for rule in chain(listed(each.equality), listed(each.ordering), listed(each.substring)):
            assert rule.lower() in rules, (each.name, rule)
        assert each.syntax or each.superior, each.name
        if each.syntax:
            assert re.sub(r"\{\d+\}$", "", each.syntax) in syntaxes, each.name


def test_every_object_class_refers_to_what_is_defined(parsed):
    attributes, classes = names(parsed, "attributeTypes"), names(parsed, "objectClasses")
    for each in parsed["objectClasses"].values():
        assert {name.lower() for name in listed(each.superior)} <= classes, each.name
        for name in chain(listed(each.must_contain), listed(each.may_contain)):
            assert name.lower() in attributes, (each.name, name)


def test_every_matching_rule_has_a_syntax_that_is_listed(parsed):
    for each in parsed["matchingRules"].values():
        assert each.syntax in parsed["ldapSyntaxes"], each.name


def test_matching_rule_use_names_the_attributes_that_an_extensible_match_compares_by_a_rule(parsed):
    told = {oid: set(listed(each.apply_to)) for oid, each in parsed["matchingRuleUse"].items()}
    for attribute in SCHEMA.attribute_types:
        for rule in {attribute.equality, attribute.ordering} - {None}:
            assert attribute.name in told[rule.oid]
        if attribute.substring is not None:
            assert attribute.substring.oid not in told  # such a filter is Undefined
    case_exact = told["2.5.13.5"]
    assert {"cn", "c", "telephoneNumber", "ref"} <= case_exact
    assert not {"mail", "mailQuota", "member", "createTimestamp"} & case_exact
    assert told["2.5.13.29"] == {"dITStructureRules"}


def test_no_name_and_no_oid_is_given_twice():
    for kind in ("attributeTypes", "objectClasses", "matchingRules", "ldapSyntaxes"):
        seen = []
        for text in PUBLISHED[kind]:
            seen.append(text.split()[1])
            told = re.search(r" NAME (\([^)]*\)|'[^']*')", text)
            seen += [name.lower() for name in re.findall(r"'([^']*)'", told[1])] if told else []
        assert sorted(seen) == sorted(set(seen)), kind


def test_no_class_requires_what_it_allows():
    for each in SCHEMA.object_classes:
        assert not each.must & each.may, each.name


def test_operational_attributes_that_are_worked_out_cannot_be_written_by_clients():
    for key in DYNAMIC.keys() - {"pwdpolicysubentry"}:  # which administrators may set for one entry
        attribute = SCHEMA.attribute(key)
        assert attribute.no_user_modification, key


@pytest.mark.parametrize(
    "name",
    [
        *("createTimestamp", "modifyTimestamp", "creatorsName", "modifiersName", "entryUUID", "entryCSN"),
        *("entryDN", "structuralObjectClass", "subschemaSubentry", "hasSubordinates", "numSubordinates"),
        *("vendorName", "vendorVersion", "monitorContext", "monitorCounter"),
        *("entryLevelRights", "attributeLevelRights", "aclRights"),
    ],
)
def test_studio_does_not_copy_what_the_server_keeps(name):
    attribute = SCHEMA.attribute(name)
    assert attribute.usage in (Usage.DIRECTORY_OPERATION, Usage.DSA_OPERATION)
    assert attribute.no_user_modification


def test_all_that_the_server_tells_of_itself_is_defined():
    observed = Observed(
        version="1",
        started=0,
        seconds=lambda: 0,
        tally=type("T", (), {"completed": {"bind": 0}, "results": {}, "entries": 0})(),
        image=type("I", (), {"count": 0, "number": 0})(),
        connections=list,
        opened=lambda: 0,
        under_way=dict,
        queues={},
    )
    told = [
        subschema_entry(SCHEMA),
        root_dse(Abilities("dc=x", (), (), "1"), (), monitored=True),
        *monitor_entries(observed),
    ]
    for entry in told:
        for name, values in entry.attributes:
            assert SCHEMA.find_attribute(name) is not None, name
            if name == "objectClass":
                assert all(SCHEMA.find_object_class(value.decode()) for value in values)


@pytest.mark.parametrize("kind", ["dITContentRules", "dITStructureRules", "nameForms"])
def test_what_there_is_none_of_has_a_type_and_no_values(kind):
    assert SCHEMA.find_attribute(kind) is not None
    assert kind not in PUBLISHED


# Its age


def test_the_content_that_is_published_is_recorded():
    assert digest_of(SCHEMA) == revision.RECORDED_DIGEST, (
        f"the schema has changed: in govdir/schema/revision.py set RECORDED_AT to today and "
        f'RECORDED_DIGEST to "{digest_of(SCHEMA)}"'
    )
    assert changed_at(SCHEMA) == RECORDED_AT
    assert CREATED <= RECORDED_AT


def test_other_definitions_have_another_and_later_time_that_is_always_the_same():
    attributes, classes = read_definitions(
        ["attributeTypes: ( 1.2.3 NAME 'x' SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )"], "x.ldif"
    )
    times = {changed_at(Schema(attributes, classes)) for _ in range(2)}
    assert len(times) == 1
    assert min(times) > RECORDED_AT


# Others' parsers

READ_BY_PYTHON_LDAP = """
import json, sys
from ldap.schema import SubSchema, AttributeType, ObjectClass, MatchingRule, MatchingRuleUse, LDAPSyntax
kinds = AttributeType, ObjectClass, MatchingRule, MatchingRuleUse, LDAPSyntax
read = SubSchema(json.load(sys.stdin), check_uniqueness=1)
read.attribute_types(["inetOrgPerson", "gdPerson", "gdMailbox"], raise_keyerror=1)
twice = [*read.non_unique_oids, *(name for found in read.non_unique_names.values() for name in found)]
json.dump({"counts": [len(read.listall(kind)) for kind in kinds], "twice": twice}, sys.stdout)
"""


def test_python_ldap_reads_every_definition():
    require_system_module("ldap", "python3-ldap")
    kinds = ("attributeTypes", "objectClasses", "matchingRules", "matchingRuleUse", "ldapSyntaxes")
    done = subprocess.run(
        [SYSTEM_PYTHON, "-c", READ_BY_PYTHON_LDAP],
        input=json.dumps({kind: list(PUBLISHED[kind]) for kind in kinds}),
        capture_output=True,
        text=True,
        check=True,
    )
    read = json.loads(done.stdout)
    assert read["counts"] == [len(PUBLISHED[kind]) for kind in kinds]
    assert read["twice"] == []
