"""RFC 2849 read: its examples, every malformed line by number and rule, any cut of the octets."""

from __future__ import annotations

import io
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.ldap.codec import ldif_read
from govdir.ldap.codec import messages as m
from govdir.ldap.codec.ldif import ChangeRecord, ContentRecord, LdifError, grouped, parse_ldif


def records(text: str) -> list[ContentRecord | ChangeRecord]:
    return list(parse_ldif([text.encode()]))


def content(text: str) -> list[tuple[str, list[tuple[str, bytes]]]]:
    found = records(text)
    assert all(isinstance(record, ContentRecord) for record in found)
    return [(record.dn, record.attributes) for record in found if isinstance(record, ContentRecord)]


def error(text: str | bytes) -> LdifError:
    with pytest.raises(LdifError) as caught:
        list(parse_ldif([text if isinstance(text, bytes) else text.encode()]))
    return caught.value


EXAMPLE_1 = """version: 1
dn: cn=Barbara Jensen, ou=Product Development, dc=airius, dc=com
objectclass: top
cn: Barbara Jensen
cn: Babs Jensen
telephonenumber: +1 408 555 1212
description: A big sailing fan.

dn: cn=Bjorn Jensen, ou=Accounting, dc=airius, dc=com
objectclass: top
cn: Bjorn Jensen
"""


def test_example_1_of_the_rfc_two_entries() -> None:
    barbara, bjorn = content(EXAMPLE_1)

    assert barbara[0] == "cn=Barbara Jensen, ou=Product Development, dc=airius, dc=com"
    assert barbara[1][1:3] == [("cn", b"Barbara Jensen"), ("cn", b"Babs Jensen")]
    assert bjorn[1] == [("objectclass", b"top"), ("cn", b"Bjorn Jensen")]


def test_example_2_of_the_rfc_a_folded_value() -> None:
    text = (
        "version: 1\ndn:cn=Barbara Jensen, dc=airius, dc=com\n"
        "description:Babs is a big sailing fan, and travels extensively in sea\n"
        " rch of perfect sailing conditions.\n"
        "title:Product Manager, Rod and Reel Division\n"
    )

    assert content(text) == [
        (
            "cn=Barbara Jensen, dc=airius, dc=com",
            [
                (
                    "description",
                    b"Babs is a big sailing fan, and travels extensively in search of "
                    b"perfect sailing conditions.",
                ),
                ("title", b"Product Manager, Rod and Reel Division"),
            ],
        )
    ]


def test_example_3_of_the_rfc_a_value_in_base64() -> None:
    text = "version: 1\ndn: cn=Gern Jensen\ndescription:: V2hhdCBhIGNhcmVmdWwgcmVhZGVyIHlvd\n SBhcmUh\n"

    assert content(text) == [("cn=Gern Jensen", [("description", b"What a careful reader you are!")])]


def test_example_4_of_the_rfc_names_in_utf_8_and_language_options() -> None:
    text = (
        "version: 1\ndn:: b3U95Za25qWt6YOoLG89QWlyaXVz\n# dn:: ou=<JapaneseOU>,o=Airius\nobjectclass: top\n"
        "ou:: 5Za25qWt6YOo\nou;lang-ja:: 5Za25qWt6YOo\nou;lang-ja;phonetic:: 44GI44GE44GO44KH44GG44G2\n"
        "ou;lang-en: Sales\n"
    )

    [(dn, attributes)] = content(text)

    assert dn == "ou=営業部,o=Airius"
    assert attributes[2:4] == [
        ("ou;lang-ja", "営業部".encode()),
        ("ou;lang-ja;phonetic", "えいぎょうぶ".encode()),
    ]


def test_example_5_of_the_rfc_a_value_from_a_url() -> None:
    text = b"version: 1\ndn: cn=Horatio Jensen\njpegphoto:< file:///usr/local/directory/photos/hjensen.jpg\n"
    asked = []

    def read_url(url: str) -> bytes:
        asked.append(url)
        return b"\xff\xd8"

    [record] = parse_ldif([text], read_url=read_url)

    assert asked == ["file:///usr/local/directory/photos/hjensen.jpg"]
    assert record == ContentRecord(2, "cn=Horatio Jensen", [("jpegphoto", b"\xff\xd8")])


def test_values_from_urls_are_refused_unless_allowed() -> None:
    refused = error("dn: cn=a\njpegphoto:< file:///etc/passwd\n")

    assert refused.line == 2
    assert "URL" in refused.why


def test_a_url_that_cannot_be_read_is_an_ldif_error() -> None:
    def read_url(url: str) -> bytes:
        raise FileNotFoundError(url)

    with pytest.raises(LdifError, match="line 2: the URL"):
        list(parse_ldif([b"dn: cn=a\na:< file:///none\n"], read_url=read_url))


EXAMPLE_6 = """version: 1
# Add a new entry
dn: cn=Fiona Jensen, ou=Marketing, dc=airius, dc=com
changetype: add
objectclass: top
objectclass: person
cn: Fiona Jensen

# Delete an existing entry
dn: cn=Robert Jensen, ou=Marketing, dc=airius, dc=com
changetype: delete

# Modify an entry's relative distinguished name
dn: cn=Paul Jensen, ou=Product Development, dc=airius, dc=com
changetype: modrdn
newrdn: cn=Paula Jensen
deleteoldrdn: 1

# Rename an entry and move all of its children to a new location in the directory tree
dn: ou=PD Accountants, ou=Product Development, dc=airius, dc=com
changetype: moddn
newrdn: ou=Product Development Accountants
deleteoldrdn: 0
newsuperior: ou=Accounting, dc=airius, dc=com

# Modify an entry: add a value, delete all values, replace values, delete one value
dn: cn=Paula Jensen, ou=Product Development, dc=airius, dc=com
changetype: modify
add: postaladdress
postaladdress: 123 Anystreet $ Sunnyvale, CA $ 94086
-
delete: description
-
replace: telephonenumber
telephonenumber: +1 408 555 1234
telephonenumber: +1 408 555 5678
-
delete: facsimiletelephonenumber
facsimiletelephonenumber: +1 408 555 9876
-

# A control
dn: ou=Product Development, dc=airius, dc=com
control: 1.2.840.113556.1.4.805 true
changetype: delete
"""


def test_example_6_of_the_rfc_a_series_of_changes() -> None:
    add, delete, rename, move, modify, with_control = [
        record for record in records(EXAMPLE_6) if isinstance(record, ChangeRecord)
    ]

    assert add.request == m.AddRequest(
        "cn=Fiona Jensen, ou=Marketing, dc=airius, dc=com",
        (m.Attribute("objectclass", (b"top", b"person")), m.Attribute("cn", (b"Fiona Jensen",))),
    )
    assert (add.line, delete.line) == (3, 10)
    assert delete.request == m.DeleteRequest("cn=Robert Jensen, ou=Marketing, dc=airius, dc=com")
    assert rename.request == m.ModifyDnRequest(
        "cn=Paul Jensen, ou=Product Development, dc=airius, dc=com", "cn=Paula Jensen", True
    )
    assert move.request == m.ModifyDnRequest(
        "ou=PD Accountants, ou=Product Development, dc=airius, dc=com",
        "ou=Product Development Accountants",
        False,
        "ou=Accounting, dc=airius, dc=com",
    )
    assert isinstance(modify.request, m.ModifyRequest)
    assert [
        (change.operation.name, len(change.modification.values)) for change in modify.request.changes
    ] == [
        ("ADD", 1),
        ("DELETE", 0),
        ("REPLACE", 2),
        ("DELETE", 1),
    ]
    assert with_control.controls == (m.Control("1.2.840.113556.1.4.805", True),)


def test_increment_of_rfc_4525() -> None:
    [record] = records("dn: cn=a\nchangetype: modify\nincrement: uidNumber\nuidNumber: 1\n-\n")

    change = m.Change(m.ModifyOperation.INCREMENT, m.Attribute("uidNumber", (b"1",)))
    assert record == ChangeRecord(1, m.ModifyRequest("cn=a", (change,)))


@pytest.mark.parametrize(
    ("line", "control"),
    [
        ("1.2", m.Control("1.2")),
        ("1.2 false", m.Control("1.2")),
        ("1.2 true: x: y", m.Control("1.2", True, b"x: y")),
        ("1.2 true:: eA==", m.Control("1.2", True, b"x")),
        ("1.2: ", m.Control("1.2", False, b"")),
    ],
)
def test_controls_have_criticality_and_value(line: str, control: m.Control) -> None:
    [record] = records(f"dn: cn=a\ncontrol: {line}\ncontrol: 9.9\nchangetype: delete\n")

    assert record == ChangeRecord(1, m.DeleteRequest("cn=a"), (control, m.Control("9.9")))


@pytest.mark.parametrize(
    "text",
    [
        "dn: cn=a\ncn: a\nsn: b\n",
        "dn: cn=a\ncn: a\nsn: b",
        "dn: cn=a\r\ncn: a\r\nsn: b\r\n",
        "\ufeffdn: cn=a\ncn: a\nsn: b\n\n\n\n",
        "\n\n\ndn:   cn=a\ncn:a\nsn:    b\n",
        "# note\n# more\n\n\nversion: 1\n\ndn: c\n n=a\ncn: a\n# a\n  folded comment\nsn: b\n",
        "version:1\r\ndn:: Y249YQ==\r\ncn:: YQ==\r\nsn:: Yg=\r\n =\r\n\r\n# end",
    ],
)
def test_one_entry_in_many_spellings(text: str) -> None:
    for _ in range(2):  # the second time with every name known
        assert content(text) == [("cn=a", [("cn", b"a"), ("sn", b"b")])]


def test_utf_8_in_values_is_taken_as_it_is() -> None:
    assert content("dn: cn=Nguyễn\ncn: Nguyễn\n") == [("cn=Nguyễn", [("cn", "Nguyễn".encode())])]


def test_empty_values_and_the_root() -> None:
    assert content("dn:\ncn:\nsn: \ntitle::\n") == [("", [("cn", b""), ("sn", b""), ("title", b"")])]


def test_records_know_the_line_they_begin_in() -> None:
    text = (
        "# 1\n# 2\n\nversion: 1\n\n\ndn: cn=a\ncn: a\n\n\n\n"
        "# a comment\ndn: cn=b\ncn:: Yg=\n =\n\ndn: cn=c\ncn: c\n"
    )

    assert [record.line for record in records(text)] == [7, 13, 17]


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        (" dn: cn=a\n", 1, "continuation line with nothing to continue"),
        ("dn: cn=a\ncn: a\n\n b\n", 4, "continuation line with nothing to continue"),
        ("cn: a\n", 1, "a record begins with “dn:”"),
        ("version: 2\ndn: cn=a\ncn: a\n", 1, "the only version"),
        ("dn: cn=a\ncn: a\n\nversion: 1\n", 4, "a record begins with “dn:”"),
        ("dn: cn=a\n\ncn: a\n", 1, "has attributes"),
        ("dn: cn=a\ncn: a\ncn\n", 3, "no “:”"),
        ("dn: cn=a\n: a\n", 2, "nothing before the “:”"),
        ("dn: cn=a\ncn: a\n-\n", 3, "not an attribute description"),
        ("dn: cn=a\nc_n: a\n", 2, "not an attribute description"),
        ("dn: cn=a\ncn;: a\n", 2, "not an attribute description"),
        ("dn: cn=a\ncñ: a\n", 2, "is ASCII"),
        ("dn: cn=a\ncn: a\ncn:: %%%\n", 3, "not base64"),
        ("dn: cn=a\ncn: a\ncn:: YQ\n", 3, "not base64"),
        ("dn: cn=a\ncn: a\ncn:: YQ==YQ==\n", 3, "not base64"),
        ("dn: cn=a\ncn: : a\n", 2, "begins with “:” or “<”"),
        ("dn: cn=a\ncn: <a\n", 2, "begins with “:” or “<”"),
        ("dn: cn=a\ncn: a\x00b\n", 2, "NUL or CR"),
        ("dn: cn=a\ncn: a\rb\n", 2, "NUL or CR"),
        ("dn:: /w==\ncn: a\n", 1, "“dn” is not UTF-8"),
        ("dn: cn=a\ncn: a\ndn: cn=b\ncn: b\n", 3, "is an empty line missing"),
        ("dn: cn=a\ncn: a\nchangetype: delete\n", 3, "inside a record"),
        ("dn: cn=a\ncn: a\n\ndn: cn=b\nchangetype: delete\n", 4, "content and change records"),
        ("dn: cn=a\nchangetype: delete\n\ndn: cn=b\ncn: b\n", 4, "content and change records"),
        ("dn: cn=a\nchangetype: remove\n", 2, "changetype is one of"),
        ("dn: cn=a\nchangetype: add\n", 2, "followed by attributes"),
        ("dn: cn=a\nchangetype: add\n-\n", 3, "not an attribute description"),
        ("dn: cn=a\nchangetype: delete\ncn: a\n", 3, "nothing follows"),
        ("dn: cn=a\ncontrol: 1.2\ncn: a\n", 3, "“changetype:” expected"),
        ("dn: cn=a\ncontrol: 1.2\n", 2, "“changetype:” expected"),
        ("dn: cn=a\ncontrol: one\nchangetype: delete\n", 2, "followed by an OID"),
        ("dn: cn=a\ncontrol: 1.2 maybe\nchangetype: delete\n", 2, "followed by an OID"),
        ("dn: cn=a\nchangetype: modify\ncn: a\n-\n", 3, "“add:”, “delete:”"),
        ("dn: cn=a\nchangetype: modify\nadd: c_n\ncn: a\n-\n", 3, "not an attribute description"),
        ("dn: cn=a\nchangetype: modify\nadd: cn\nsn: a\n-\n", 4, "a value of “cn”, or “-”, expected"),
        ("dn: cn=a\nchangetype: modify\nadd: cn\n-\n", 3, "“add:” is followed by values"),
        ("dn: cn=a\nchangetype: modify\nincrement: n\nn: 1\nn: 2\n-\n", 3, "one value"),
        ("dn: cn=a\nchangetype: modify\n-\n", 3, "“add:”, “delete:”"),
        ("dn: cn=a\nchangetype: modrdn\nnewrdn: cn=b\n", 2, "“newrdn:”, “deleteoldrdn:”"),
        ("dn: cn=a\nchangetype: modrdn\nnewrdn: cn=b\ndeleteoldrdn: yes\n", 4, "deleteoldrdn is 0 or 1"),
        ("dn: cn=a\nchangetype: modrdn\nnewrdn:: /w==\ndeleteoldrdn: 1\n", 3, "not UTF-8"),
    ],
)
def test_malformed_lines_are_named_with_their_rule(text: str, line: int, why: str) -> None:
    list(parse_ldif([b"dn: cn=a\ncn: a\nsn: b\n"]))  # so that the plain reader knows the names

    refused = error(text)

    assert refused.line == line
    assert why in refused.why
    assert str(refused).startswith(f"line {line}: ")


def test_octets_that_are_no_text_must_be_in_base64() -> None:
    assert error(b"dn: cn=a\ncn: \xff\n").why.startswith("a value that is not UTF-8")
    assert error(b"dn: cn=\xff\ncn: a\n").line == 1


def test_records_before_an_error_are_delivered() -> None:
    reading = parse_ldif([b"dn: cn=a\ncn: a\n\ndn: cn=b\ncn\n"])

    assert next(reading).line == 1
    with pytest.raises(LdifError):
        next(reading)


def test_a_record_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ldif_read, "MAX_RECORD_SIZE", 1000)
    monkeypatch.setattr(ldif_read, "BLOCK_SIZE", 100)

    refused = error(b"dn: cn=a\ncn: a\n\n" + b"dn: cn=b\ncn: " + b"b" * 2000)

    assert refused.line == 4


@given(st.data())
def test_records_do_not_depend_on_how_the_file_is_cut(data: st.DataObject) -> None:
    octets = ("\ufeff" + EXAMPLE_6.replace("\n", data.draw(st.sampled_from(["\n", "\r\n"])))).encode()
    size = data.draw(st.integers(1, 50))
    pieces = [octets[start : start + size] for start in range(0, len(octets), size)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ldif_read, "BLOCK_SIZE", size)
        assert list(parse_ldif(pieces)) == records(EXAMPLE_6)
        assert list(parse_ldif(io.BytesIO(octets))) == records(EXAMPLE_6)


LINES = st.sampled_from(
    [
        "dn: cn=a",
        "cn: a",
        "cn:: YQ==",
        "cn:: Y",
        " x",
        "-",
        "",
        "",
        "# c",
        "changetype: modify",
        "add: cn",
        "cn:",
        ":",
    ]
)


@given(st.lists(st.one_of(LINES, st.text(max_size=8)), max_size=12), st.sampled_from(["\n", "\r\n"]))
def test_any_lines_are_records_or_an_ldif_error_within_the_file(lines: list[str], newline: str) -> None:
    octets = newline.join(lines).encode("utf-8", "surrogatepass")
    try:
        found = list(parse_ldif([octets]))
    except LdifError as refused:
        assert 1 <= refused.line <= octets.count(b"\n") + 1  # noqa: PT017 (either outcome is right)
    else:
        assert len({type(record) for record in found}) <= 1


@given(st.lists(st.one_of(LINES, st.text(max_size=8)), max_size=12))
def test_the_plain_reader_agrees_with_the_careful_one(lines: list[str]) -> None:
    octets = ("dn: cn=a\n" + "\n".join(line for line in lines if line)).encode("utf-8", "surrogatepass")

    plain = ldif_read._plain_content(1, octets)

    if plain is not None:
        assert ldif_read._careful(1, octets, None, at_start=False) == plain


def test_pairs_are_grouped_without_regard_to_case() -> None:
    pairs = [("objectClass", b"top"), ("cn", b"a"), ("OBJECTCLASS", b"person")]

    assert grouped(pairs) == (m.Attribute("objectClass", (b"top", b"person")), m.Attribute("cn", (b"a",)))


def test_long_values_survive_folding_anywhere() -> None:
    value = bytes(range(256)) * 400
    encoded = b64encode(value).decode()
    folded = "\n ".join(encoded[start : start + 61] for start in range(0, len(encoded), 61))

    assert content(f"dn: cn=a\njpegPhoto:: {folded}\n") == [("cn=a", [("jpegPhoto", value)])]
