"""The names people sign in under."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.directory.dn import Dn
from govdir.directory.image import Image
from govdir.directory.sign_in_names import find_named, read_identity, read_name
from govdir.directory.vocabulary import Vocabulary
from govdir.schema.registry import load_schema
from tests.directory.building import ADMIN, SONV, SOTTTT, SUFFIX, Town

AN = f"uid=an,{SONV}"
MAIL = "lan@cantho.gov.vn"


@pytest.fixture
def town(town: Town) -> Town:
    town.person("an", "Lê An")
    town.person("binh", "Trần Bình")
    return town


def found(town: Town, name: str) -> str | None:
    record = find_named(town.directory, read_name(town.directory, name))
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
def test_any_address_the_uid_and_the_dn_name_an_account(town: Town, name: str) -> None:
    assert found(town, name) == AN


def test_so_does_every_alias(town: Town) -> None:
    town.replace(AN, "mailLocalAddress", "le.an@cantho.gov.vn", "an.le@cantho.gov.vn")
    assert found(town, "An.Le@CanTho.gov.vn") == AN


def test_so_does_every_address_in_a_domain_that_stands_for_its_own(town: Town) -> None:
    town.add(f"ou=domains,{SUFFIX}", {"objectClass": "organizationalUnit"})
    dn = f"associatedDomain=cantho.gov.vn,ou=domains,{SUFFIX}"
    town.add(dn, {"objectClass": "gdMailDomain", "gdDomainAlias": "haugiang.gov.vn"})
    other = MAIL.replace("cantho", "HauGiang")
    assert found(town, other) == AN
    typed, own = (read_name(town.directory, name) for name in (other, MAIL))
    assert typed.canonical == own.canonical  # guesses at both count as guesses at one


def test_the_administrator_is_named_by_dn(town: Town) -> None:
    assert found(town, "cn=admin") == ADMIN
    assert found(town, ADMIN) == ADMIN
    assert found(town, "admin") is None


def test_a_uid_that_two_have_names_nobody(town: Town) -> None:
    town.person("an", "Vũ An", SOTTTT)
    assert found(town, "an") is None
    assert found(town, MAIL) == AN


def test_shared_mailboxes_are_named_by_their_address(town: Town) -> None:
    assert found(town, "sonv@cantho.gov.vn") == SONV


@pytest.mark.parametrize(
    "name",
    ["", " ", "@", "=", "cn=", "nobody", "nobody@cantho.gov.vn", "an@elsewhere.vn", "Lê An", "uid=an",
     "\0", "*", "a*", "(uid=an)", "x" * 321, "an\ud800", "đ@cantho.gov.vn", f"uid=an\0,{SUFFIX}"],
)  # fmt: skip
def test_anything_else_names_nobody(town: Town, name: str) -> None:
    assert found(town, name) is None


def test_the_suffix_is_nobody_to_sign_in_as(town: Town) -> None:
    assert found(town, SUFFIX) is None


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


@pytest.mark.parametrize(
    ("identity", "named"),
    [
        (f"dn:{AN}", AN),
        (f"DN:{AN}", AN),
        ("u:an", AN),
        (f"u:{MAIL}", AN),
        (AN, AN),
        (MAIL, AN),
        ("dn:an", None),
        (f"u:{AN}", None),
        (f"x:{AN}", None),
        ("dn:", None),
        ("u:", None),
    ],
)
def test_identities_of_sasl_say_of_which_form_they_are(town: Town, identity: str, named: str | None) -> None:
    record = find_named(town.directory, read_identity(town.directory, identity))
    assert (None if record is None else record.dn_text) == named
