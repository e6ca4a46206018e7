"""The names people sign in under."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.directory.dn import Dn
from govdir.directory.image import Image
from govdir.directory.vocabulary import Vocabulary
from govdir.schema.registry import load_schema
from govdir.directory.sign_in_names import find_named, read_name
from tests.directory.building import ADMIN, SONV, SOTTTT, SUFFIX
from tests.sso.sign_in.desk import AN, MAIL, SmallDesk


def found(desk: SmallDesk, name: str) -> str | None:
    record = desk.desk.accounts.find(name)
    return None if record is None else record.dn_text


@pytest.mark.parametrize(
    "name",
    [
        MAIL,
        f"  {MAIL.upper()} ",
        "an",
        "AN",
        AN,
        AN.upper(),
        "uid=an, ou=sonv, ou=orgs",
    ],
)
def test_any_address_the_uid_and_the_dn_name_an_account(desk: SmallDesk, name: str) -> None:
    assert found(desk, name) == AN


def test_so_does_every_alias(desk: SmallDesk) -> None:
    desk.town.replace(AN, "mailLocalAddress", "le.an@cantho.gov.vn", "an.le@cantho.gov.vn")
    assert found(desk, "An.Le@CanTho.gov.vn") == AN


def test_so_does_every_address_in_a_domain_that_stands_for_its_own(desk: SmallDesk) -> None:
    desk.town.add(f"ou=domains,{SUFFIX}", {"objectClass": "organizationalUnit"})
    dn = f"associatedDomain=cantho.gov.vn,ou=domains,{SUFFIX}"
    desk.town.add(dn, {"objectClass": "gdMailDomain", "gdDomainAlias": "haugiang.gov.vn"})
    other = MAIL.replace("cantho", "HauGiang")
    assert found(desk, other) == AN
    typed, own = (read_name(desk.town.directory, name) for name in (other, MAIL))
    assert typed.canonical == own.canonical  # guesses at both count as guesses at one


def test_the_administrator_is_named_by_dn(desk: SmallDesk) -> None:
    assert found(desk, "cn=admin") == ADMIN
    assert found(desk, ADMIN) == ADMIN
    assert found(desk, "admin") is None


def test_a_uid_that_two_have_names_nobody(desk: SmallDesk) -> None:
    desk.town.person("an", "Vũ An", SOTTTT)
    assert found(desk, "an") is None
    assert found(desk, MAIL) == AN


def test_shared_mailboxes_are_named_by_their_address(desk: SmallDesk) -> None:
    assert found(desk, "sonv@cantho.gov.vn") == SONV


@pytest.mark.parametrize(
    "name",
    ["", " ", "@", "=", "cn=", "nobody", "nobody@cantho.gov.vn", "an@elsewhere.vn", "Lê An", "uid=an",
     "\0", "*", "a*", "(uid=an)", "x" * 321, "an\ud800", "đ@cantho.gov.vn", f"uid=an\0,{SUFFIX}"],
)  # fmt: skip
def test_anything_else_names_nobody(desk: SmallDesk, name: str) -> None:
    assert found(desk, name) is None


def test_the_suffix_is_nobody_to_sign_in_as(desk: SmallDesk) -> None:
    assert found(desk, SUFFIX) is None


class Names:
    """As much of a directory as reading a name needs."""

    def __init__(self) -> None:
        self.schema = load_schema()
        self.vocabulary = Vocabulary(self.schema)
        self.image = Image(self.vocabulary)
        self.suffix = Dn.parse(SUFFIX, self.schema)

    def path_of(self, text: str) -> tuple[str, ...] | None:
        return Dn.parse(text, self.schema).below(self.suffix) if text else None


NAMES = Names()


@given(st.text(max_size=400))
def test_whatever_is_typed_can_be_looked_for(text: str) -> None:
    typed = read_name(NAMES, text)  # type: ignore[arg-type]
    assert read_name(NAMES, f" {text} ").canonical == typed.canonical or len(text) > 318  # type: ignore[arg-type]
    assert find_named(NAMES, typed) is None  # type: ignore[arg-type]
