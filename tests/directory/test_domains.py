"""Alias domains: what an address of one reaches, and what goes before it."""

from __future__ import annotations

import pytest

from govdir.directory.addresses import canonical
from govdir.directory.image import Image, Record
from tests.directory.imaging import VOCABULARY, Plot, Values, person

MAIN = "associatedDomain=lamdong.gov.vn,ou=domains"


def domain(name: str, *aliases: str) -> Values:
    return {"objectClass": "gdMailDomain", "associatedDomain": name, "gdDomainAlias": aliases}


@pytest.fixture
def plot() -> Plot:
    plot = Plot()
    plot.put("ou=domains", {"objectClass": "organizationalUnit", "ou": "domains"})
    return plot


@pytest.fixture
def merged(plot: Plot) -> Plot:
    plot.put(MAIN, domain("lamdong.gov.vn", "daknong.gov.vn", "binhthuan.gov.vn"))
    return plot


@pytest.fixture
def minh(merged: Plot) -> Record:
    given = person("minh", "Lê Minh", mail="minhl@lamdong.gov.vn", mailLocalAddress="minh@lamdong.gov.vn")
    return merged.put("uid=minh", given)


@pytest.mark.parametrize(
    "asked", ["minhl@daknong.gov.vn", "MINHL@DakNong.gov.vn", "minh@daknong.gov.vn", "minhl@binhthuan.gov.vn"]
)
def test_an_address_of_an_alias_domain_is_a_further_address_of_its_holder(
    merged: Plot, minh: Record, asked: str
) -> None:
    assert merged.verdict(f"(mailLocalAddress={asked})", minh) is True
    assert merged.verdict(f"(mailAlternateAddress={asked})", minh) is True
    assert merged.verdict(f"(|(mail={asked})(mailLocalAddress={asked}))", minh) is True


def test_it_is_not_the_primary_address(merged: Plot, minh: Record) -> None:
    assert merged.verdict("(mail=minhl@daknong.gov.vn)", minh) is False


@pytest.mark.parametrize("asked", ["x@daknong.gov.vn", "daknong.gov.vn", "@daknong.gov.vn", "minhl@other.vn"])
def test_nobody_is_found_by_what_is_no_address_of_the_domain(merged: Plot, minh: Record, asked: str) -> None:
    assert merged.verdict(f"(mailLocalAddress={asked})", minh) is False


def test_whoever_comes_later_is_reached_too(merged: Plot) -> None:
    later = merged.put("uid=an", person("an", "Lê An", mail="anl@lamdong.gov.vn"))
    assert merged.verdict("(mailLocalAddress=anl@daknong.gov.vn)", later) is True


@pytest.mark.parametrize("attribute", ["mail", "mailLocalAddress"])
def test_whoever_holds_the_address_himself_goes_before(merged: Plot, minh: Record, attribute: str) -> None:
    other = merged.put("uid=x", person("x", "Hồ X", **{attribute: "minhl@daknong.gov.vn"}))
    assert merged.verdict("(mailLocalAddress=minhl@daknong.gov.vn)", minh) is False
    assert merged.verdict(f"({attribute}=minhl@daknong.gov.vn)", other) is True
    assert canonical(merged.image, "minhl@daknong.gov.vn") == "minhl@daknong.gov.vn"


def test_a_retired_address_of_the_alias_domain_reaches_nobody(merged: Plot, minh: Record) -> None:
    merged.image.retired_addresses.add("minhl@daknong.gov.vn")
    assert merged.verdict("(mailLocalAddress=minhl@daknong.gov.vn)", minh) is False


def test_a_former_address_was_one_under_the_alias_domain_too(merged: Plot) -> None:
    given = person("x", "Hồ X", mail="x@lamdong.gov.vn", gdPreviousAddress="cu@lamdong.gov.vn")
    renamed = merged.put("uid=x", given)
    wanted = "(&(gdPreviousAddress={0})(!(mail={0}))(!(mailLocalAddress={0})))"
    assert merged.verdict(wanted.format("cu@daknong.gov.vn"), renamed) is True
    merged.put("uid=y", person("y", "Hồ Y", mailLocalAddress="cu@daknong.gov.vn"))
    assert merged.verdict(wanted.format("cu@daknong.gov.vn"), renamed) is False
    assert merged.verdict(wanted.format("cu@lamdong.gov.vn"), renamed) is True


def test_the_canonical_address_is_that_of_the_domain_itself(merged: Plot, minh: Record) -> None:
    assert canonical(merged.image, " MinhL@DakNong.gov.vn ") == "minhl@lamdong.gov.vn"
    assert canonical(merged.image, "nobody@daknong.gov.vn") == "nobody@lamdong.gov.vn"
    assert canonical(merged.image, "MinhL@LamDong.gov.vn") == "minhl@lamdong.gov.vn"
    assert canonical(merged.image, "minh") == "minh"


def test_an_alias_taken_away_reaches_nobody_from_then_on(merged: Plot, minh: Record) -> None:
    merged.change(merged.at(MAIN), MAIN, domain("lamdong.gov.vn", "binhthuan.gov.vn"))
    assert merged.verdict("(mailLocalAddress=minhl@daknong.gov.vn)", minh) is False
    assert merged.verdict("(mailLocalAddress=minhl@binhthuan.gov.vn)", minh) is True


def test_a_domain_that_is_gone_takes_its_aliases_along(merged: Plot) -> None:
    merged.image.remove(merged.at(MAIN).id)
    assert merged.image.domains.by_alias == {}


def test_there_is_one_step_however_the_entries_are_chained(plot: Plot) -> None:
    plot.put("associatedDomain=a.vn,ou=domains", domain("a.vn", "b.vn"))
    plot.put("associatedDomain=b.vn,ou=domains", domain("b.vn", "c.vn", "a.vn"))
    assert plot.image.domains.by_alias == {b"c.vn ": b"b.vn "}
    assert canonical(plot.image, "x@c.vn") == "x@b.vn"


def test_of_two_domains_the_older_entry_has_the_alias(plot: Plot) -> None:
    plot.put("associatedDomain=a.vn,ou=domains", domain("a.vn", "c.vn"))
    plot.put("associatedDomain=b.vn,ou=domains", domain("b.vn", "c.vn"))
    assert plot.image.domains.by_alias == {b"c.vn ": b"a.vn "}


def test_an_entry_elsewhere_names_no_domains(plot: Plot) -> None:
    plot.put("ou=orgs", {"objectClass": "organizationalUnit", "ou": "orgs"})
    record = plot.put("associatedDomain=a.vn,ou=orgs", domain("a.vn", "b.vn"))
    assert plot.image.domains.by_alias == {}
    plot.change(record, "associatedDomain=a.vn,ou=domains", domain("a.vn", "b.vn"))
    assert plot.image.domains.by_alias == {b"b.vn ": b"a.vn "}


def test_an_image_that_is_loaded_knows_them_in_any_order() -> None:
    plot = Plot()
    entries = [
        plot.stored("", {"objectClass": ("dcObject", "organization"), "o": "x", "dc": "cantho"}, 1, None),
        plot.stored("ou=domains", {"objectClass": "organizationalUnit", "ou": "domains"}, 3, 1),
        plot.stored(MAIN, domain("lamdong.gov.vn", "daknong.gov.vn"), 2, 3),
    ]
    loaded = Image(VOCABULARY)
    loaded.load(sorted(entries, key=lambda entry: entry.id))
    assert loaded.domains.by_alias == {b"daknong.gov.vn ": b"lamdong.gov.vn "}
