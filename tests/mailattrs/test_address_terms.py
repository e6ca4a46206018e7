"""Until when further addresses receive."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from govdir.directory.entry import Attributes
from govdir.directory.errors import RuleViolation
from govdir.mailattrs.address_terms import Term, read_term, term_text, terms_of
from govdir.mailattrs.rules import MailRules
from govdir.policy.load import load_province
from tests.directory.building import SONV, SUFFIX, Town, open_town
from tests.mailattrs.entries import LIST, OPERATOR, Around, changed, entry, in_agency, person, refused

PACK = load_province("cantho")
UNTIL = datetime(2027, 6, 30, 17, tzinfo=UTC)
OLD, NEW = "nvminh@cantho.gov.vn", "nvmanh@cantho.gov.vn"
TERM = f"{OLD} 20270630170000Z"


def rules(months: int = 0) -> MailRules:
    return MailRules(PACK, old_address_months=months)


def minh(by: MailRules, **more: str | tuple[str, ...]) -> Attributes:
    added = person("Nguyễn Văn Minh", **more)
    by.complete_add(added, in_agency(), OPERATOR)
    return added


def renamed(by: MailRules, **more: str | tuple[str, ...]) -> Attributes:
    """Somebody whose given name was found to be another one, and the address with it."""
    return changed(by, minh(by), in_agency(), cn="Nguyễn Văn Mạnh", mail=NEW, **more)


def test_a_value_is_an_address_and_a_time() -> None:
    assert read_term("Cu@CanTho.gov.vn 20270630170000Z") == Term(
        "cu@cantho.gov.vn", UNTIL, "Cu@CanTho.gov.vn 20270630170000Z"
    )
    assert read_term("cu@cantho.gov.vn 20270701000000+0700") is not None
    assert term_text("Cu@CanTho.gov.vn", UNTIL) == "cu@cantho.gov.vn 20270630170000Z"


@pytest.mark.parametrize(
    "text",
    ["", "cu@cantho.gov.vn", "20270630170000Z", "cu@cantho.gov.vn 2027-06-30", "cu 20270630170000Z",
     "cu@cantho.gov.vn x 20270630170000Z", "cu@cantho.gov.vn 20271330170000Z"],
)  # fmt: skip
def test_anything_else_is_none_and_is_refused(text: str) -> None:
    by = rules()
    assert read_term(text) is None
    if text:
        why = refused(lambda: changed(by, minh(by), in_agency(), gdAddressUntil=text))
        assert (why.rule, why.citation) == ("address-until", PACK.unique_citation.reference)
        assert "như “cu@tinh.gov.vn 20270630170000Z”" in why.diagnostic


def test_a_rename_keeps_the_old_address_for_good_unless_told_otherwise() -> None:
    after = renamed(rules())
    assert (after.texts("mailLocalAddress"), after.texts("gdAddressUntil")) == ((OLD,), ())


def test_a_rename_keeps_it_for_as_many_months_as_the_configuration_says() -> None:
    after = renamed(rules(months=16))  # at 15:00 on 2 March 2026 in Vietnam
    assert after.texts("gdAddressUntil") == (f"{OLD} 20270702080000Z",)


def test_the_term_that_comes_with_a_rename_goes_before_the_configurations() -> None:
    assert renamed(rules(months=16), gdAddressUntil=TERM).texts("gdAddressUntil") == (TERM,)


def test_terms_are_kept_in_one_spelling() -> None:
    by = rules()
    after = changed(by, renamed(by), in_agency(), gdAddressUntil=f"{OLD.upper()} 20270701000000+0700")
    assert after.texts("gdAddressUntil") == (TERM,)


@pytest.mark.parametrize("address", [NEW, "else@cantho.gov.vn"])
def test_a_term_is_of_a_further_address_that_the_entry_has(address: str) -> None:
    by = rules()
    why = refused(lambda: changed(by, renamed(by), in_agency(), gdAddressUntil=f"{address} 20270630170000Z"))
    assert f"gdAddressUntil nêu {address}, không phải địa chỉ phụ" in why.diagnostic


def test_an_address_has_one_term() -> None:
    by = rules()
    twice = (TERM, f"{OLD} 20280630170000Z")
    why = refused(lambda: changed(by, renamed(by), in_agency(), gdAddressUntil=twice))
    assert "hai lần" in why.diagnostic


def test_a_term_goes_with_its_address_and_comes_back_with_none() -> None:
    by = rules()
    before = renamed(by, gdAddressUntil=TERM)
    assert changed(by, before, in_agency(), mailLocalAddress=()).texts("gdAddressUntil") == ()
    back = changed(by, before, in_agency(), cn="Nguyễn Văn Minh", mail=OLD)
    assert (back.texts("mail"), back.texts("mailLocalAddress")) == ((OLD,), (NEW,))
    assert back.texts("gdAddressUntil") == ()
    assert back.texts("gdPreviousAddress") == (NEW,)


def test_a_new_mailbox_brings_its_terms_along() -> None:
    by = rules(months=6)
    added = minh(by, mailLocalAddress="cu@cantho.gov.vn", gdAddressUntil="cu@cantho.gov.vn 20270630170000Z")
    assert [term.until for term in terms_of(added)] == [UNTIL]
    assert (
        "nêu x@cantho.gov.vn"
        in refused(lambda: minh(by, gdAddressUntil="x@cantho.gov.vn 2027063017Z")).diagnostic
    )


def test_an_address_that_its_term_takes_away_is_noted_as_a_former_one() -> None:
    by = rules()
    near = in_agency()
    before = minh(by, mailLocalAddress="cu@cantho.gov.vn", gdAddressUntil="cu@cantho.gov.vn 20260302080000Z")
    assert changed(by, before, near, mailLocalAddress=()).texts("gdPreviousAddress") == ("cu@cantho.gov.vn",)
    near.moment = datetime(2026, 3, 2, 7, 59, 59, tzinfo=UTC)
    assert changed(by, before, near, mailLocalAddress=()).texts("gdPreviousAddress") == ()


def test_a_list_has_terms_and_former_addresses_too() -> None:
    by, near = rules(months=1), Around(above=(entry(("organizationalUnit",), ou="lists"),))
    before = entry(LIST, cn="canbo", mail="canbo@cantho.gov.vn")
    by.complete_add(before, near, OPERATOR)
    after = changed(by, before, near, mail="cb@cantho.gov.vn")
    assert after.texts("gdAddressUntil") == ("canbo@cantho.gov.vn 20260402080000Z",)
    assert after.texts("gdPreviousAddress") == ("canbo@cantho.gov.vn",)


# -- in a directory


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with open_town(tmp_path / "town.db") as town:
        town.add(
            f"cn=mb,ou=services,{SUFFIX}",
            {"objectClass": ("applicationProcess", "gdService"), "gdServiceKind": "mail"},
        )
        yield town


def test_an_address_that_others_may_have_tells_nobodys_new_one(town: Town) -> None:
    dn = town.person("minh", "Nguyễn Văn Minh")
    town.clock.pass_time(days=2)
    town.replace(dn, "cn", "Nguyễn Văn Mạnh")
    town.replace(dn, "mail", NEW)
    town.replace(dn, "mailLocalAddress")
    assert town.values(dn, "gdPreviousAddress") == (OLD,)
    with pytest.raises(RuleViolation):
        town.replace(SONV, "mailLocalAddress", OLD)

    town.run(town.local.release_address(OLD))

    assert town.values(dn, "gdPreviousAddress") == ()
    town.replace(SONV, "mailLocalAddress", OLD)


def test_an_address_given_up_before_anybody_knew_it_is_no_former_one(town: Town) -> None:
    dn = town.person("minh", "Nguyễn Văn Minh")
    town.replace(dn, "cn", "Nguyễn Văn Mạnh")
    town.replace(dn, "mail", NEW)
    town.replace(dn, "mailLocalAddress")
    assert town.values(dn, "gdPreviousAddress") == ()
    assert OLD not in town.directory.image.retired_addresses
