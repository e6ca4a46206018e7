"""Names as text (RFC 4514)."""

from __future__ import annotations

from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.schema.dn_text import MAX_RDNS, dn_key, escape_value, split_dn
from govdir.schema.errors import InvalidName
from govdir.schema.registry import load_schema

SCHEMA = load_schema()


@pytest.mark.parametrize(
    ("text", "rdns"),
    [
        ("", []),
        ("  ", []),
        ("dc=vn", [[("dc", b"vn")]]),
        ("uid=nvminh,ou=sonv", [[("uid", b"nvminh")], [("ou", b"sonv")]]),
        (" uid = nvminh , ou = sonv ", [[("uid", b"nvminh")], [("ou", b"sonv")]]),
        ("cn=a=b", [[("cn", b"a=b")]]),
        ("cn=", [[("cn", b"")]]),
        ("OU=Sales+CN=J.  Smith", [[("OU", b"Sales"), ("CN", b"J.  Smith")]]),
        (r"CN=James \"Jim\" Smith\, III", [[("CN", b'James "Jim" Smith, III')]]),
        (r"CN=Before\0dAfter", [[("CN", b"Before\rAfter")]]),
        (r"CN=Lu\C4\8Di\C4\87", [[("CN", "Lučić".encode())]]),
        (r"cn=\ a\ ", [[("cn", b" a ")]]),
        (r"cn=a\\ ,dc=vn", [[("cn", b"a\\")], [("dc", b"vn")]]),
        (r"cn=\#a", [[("cn", b"#a")]]),
        (r"cn=a#b", [[("cn", b"a#b")]]),
        (r"cn=\2C\2b", [[("cn", b",+")]]),
        (r"cn=\00", [[("cn", b"\0")]]),
        ("1.3.6.1.4.1.1466.0=#04024869", [[("1.3.6.1.4.1.1466.0", b"Hi")]]),
        ("cn=#0C03C3A961+sn=b", [[("cn", "éa".encode()), ("sn", b"b")]]),
        ("OID.2.5.4.3=a", [[("2.5.4.3", b"a")]]),
        ("cn=#04820002 4869".replace(" ", ""), [[("cn", b"Hi")]]),
    ],
)
def test_names_are_split_and_unescaped(text: str, rdns: list[list[tuple[str, bytes]]]) -> None:
    assert split_dn(text) == rdns


@pytest.mark.parametrize(
    "text",
    [
        "nvminh",
        "=a",
        ",",
        "dc=vn,",
        ",dc=vn",
        "dc=cantho,,dc=vn",
        "c n=a",
        "1=a",
        "2.05=a",
        'cn="a"',
        "cn=a;dc=vn",
        "cn=a<b",
        "cn=a>b",
        "cn=a\0b",
        "cn=a\\",
        "cn=a\\z",
        "cn=a\\c",
        "cn=#",
        "cn=#4",
        "cn=#xy",
        "cn=#0402486",
        "cn=#3000",
        "cn=#04034869",
        "cn=#04",
        "cn=#0480",
        "cn=a+",
        "cn=a+,dc=vn",
        "cn=a+b,dc=vn",
        "ć=a",
    ],
)
def test_what_is_no_name_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(InvalidName) as refusal:
        split_dn(text)
    assert refusal.value.why


def test_names_of_absurd_depth_are_refused() -> None:
    assert len(split_dn(",".join(["dc=a"] * MAX_RDNS))) == MAX_RDNS
    for separator in (",", ",cn=\\2C,"):
        with pytest.raises(InvalidName, match="more than"):
            dn_key(separator.join(["dc=a"] * (MAX_RDNS + 1)), SCHEMA)


@pytest.mark.parametrize(
    "text",
    [
        "cn=Nguyễn Văn Minh,dc=vn",
        normalize("NFD", "CN=nguyễn  văn minh , DC=VN"),
        "commonName=NGUYỄN VĂN MINH,domainComponent=vn",
        "2.5.4.3=Nguyễn Văn Minh,0.9.2342.19200300.100.1.25=vn",
        r"cn=Nguy\e1\bb\85n V\C4\83n Minh,dc=vn",
        r"cn=\20Nguyễn Văn Minh\20,dc=vn",
    ],
)
def test_spellings_of_one_name_have_one_key(text: str) -> None:
    assert dn_key(text, SCHEMA) == "cn=nguyễn văn minh,dc=vn"


def test_the_order_within_a_multi_valued_rdn_does_not_matter() -> None:
    assert dn_key("uid=a+cn=B,dc=vn", SCHEMA) == dn_key("CN=b+UID=A,dc=vn", SCHEMA) == "cn=b+uid=a,dc=vn"


def test_a_name_of_one_thing_is_never_the_name_of_another() -> None:
    texts = (
        r"cn=a\,dc\3Dvn",
        "cn=a,dc=vn",
        r"cn=a\+uid\3Db",
        "cn=a+uid=b",
        r"cn=\#61",
        "cn=a",
        r"cn=a\\,dc=vn",
        "sn=a,dc=vn",
    )

    assert len({dn_key(text, SCHEMA) for text in texts}) == len(texts)


def test_the_key_of_an_ancestor_is_a_suffix() -> None:
    key = dn_key(r"uid=a\,b,ou=orgs,dc=vn", SCHEMA)

    assert key.endswith("," + dn_key("OU=Orgs,dc=vn", SCHEMA))
    assert dn_key("", SCHEMA) == ""


def test_values_that_are_no_text_are_written_in_hexadecimal() -> None:
    assert dn_key("createTimestamp=20150701000000\\2B0700", SCHEMA) == "createtimestamp=20150630170000"
    assert dn_key("gdReminderCount=255", SCHEMA) == "gdremindercount=#81ff"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("nosuch=a", "'nosuch' is not defined"),
        (r"nosuch=\61", "'nosuch' is not defined"),
        ("cn=,dc=vn", "empty"),
        ("cn=a+cn=b", "twice"),
        ("cn=a+commonName=b", "twice"),
        ("jpegPhoto=a", "cannot name"),
        ("dc=cần thơ", "not ASCII"),
        (r"cn=\ff", "not UTF-8"),
        ("gdReminderCount=x", "not an integer"),
    ],
)
def test_names_the_schema_cannot_compare_are_refused(text: str, why: str) -> None:
    with pytest.raises(InvalidName, match=why):
        dn_key(text, SCHEMA)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_an_escaped_value_is_read_back(value: str) -> None:
    assert split_dn(f"cn={escape_value(value)},dc=vn") == [[("cn", value.encode())], [("dc", b"vn")]]


def test_what_needs_no_escape_is_left_alone() -> None:
    assert escape_value("Sở Nội vụ #1") == "Sở Nội vụ #1"
    assert escape_value('#a, "b" ') == r"\#a\, \"b\"" + "\\ "


@given(st.text(st.sampled_from('cnuid=,+\\#"<>; a0\0é')))
def test_any_text_gives_a_key_or_invalid_name(text: str) -> None:
    try:
        key = dn_key(text, SCHEMA)
    except InvalidName:
        return
    assert dn_key(text.upper() if text.isascii() and "\\" not in text else text, SCHEMA) == key
