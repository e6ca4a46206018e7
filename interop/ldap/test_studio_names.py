"""Apache Directory Studio lives with every name an entry may have: signs, spaces, accents, several values."""

from __future__ import annotations

import itertools
import unicodedata

import pytest

from interop.ldap.java_clients import JavaClient
from interop.ldap.studio import Studio
from interop.server import SUFFIX, Server

_numbers = itertools.count(1)

# The value, the way the library writes it in a name, and other ways that RFC 4514 allows.
NAMES = {
    "sharp first": ("#123456", r"\#123456", [r"\23123456"]),
    "sharp later": ("a#b", "a#b", [r"a\23b", r"a\#b"]),
    "all the special signs": (
        '"+,;<>\\',
        r"\"\+\,\;\<\>\\",
        [r"\22\2B\2C\3B\3C\3E\5C", r"\22\2b\2c\3b\3c\3e\5c"],
    ),
    "equals last": ("cuối=", "cuối=", [r"cuối\3D", r"cuối\="]),
    "equals alone": ("=", "=", [r"\3D"]),
    "comma": ("Sở Nội vụ, Cần Thơ", r"Sở Nội vụ\, Cần Thơ", [r"Sở Nội vụ\2C Cần Thơ"]),
    "plus": ("1+1", r"1\+1", [r"1\2B1"]),
    "slash and percent": ("a/b%20?c", "a/b%20?c", [r"a\2Fb\2520?c"]),
    "brackets and star": ("(*)", "(*)", [r"\28\2A\29"]),
    "space first and last": (" hai đầu ", r"\ hai đầu\ ", [r"\20hai đầu\20", "hai đầu"]),
    "several spaces inside": ("một   hai", "một   hai", ["một hai"]),
    "composed Vietnamese": ("Nguyễn Thị Hường", "Nguyễn Thị Hường", [r"Nguy\E1\BB\85n Thị Hường"]),
    "beyond the first plane": ("📮 hộp thư", "📮 hộp thư", [r"\F0\9F\93\AE hộp thư"]),
    "right to left": ("עברית", "עברית", []),
    "one letter": ("x", "x", ["X"]),
    "octet string": ("hai", "hai", ["#0403686169", "#0c03686169"]),
    "a thousand letters": ("ư" * 1000, "ư" * 1000, []),
    "a line end": ("một\nhai", r"một\0Ahai", ["một hai"]),
}


@pytest.fixture(scope="module")
def studio(server: Server, directory_api: JavaClient) -> Studio:
    """Studio, connected as the administrator over StartTLS."""
    return Studio(directory_api, server).open()


@pytest.fixture
def here(studio: Studio) -> str:
    """An empty container."""
    dn = f"ou=tên {next(_numbers)},{SUFFIX}"
    assert studio.add(dn, {"objectClass": "organizationalUnit"}).code == 0
    return dn


@pytest.mark.parametrize(("value", "written", "others"), NAMES.values(), ids=NAMES)
def test_an_entry_of_any_name_is_added_found_edited_renamed_and_deleted(
    studio: Studio, here: str, value: str, written: str, others: list[str]
) -> None:
    dn = f"cn={written},{here}"
    person = {"objectClass": "person", "cn": value, "sn": value}

    assert studio.add(dn, person).code == 0
    (shown,) = studio.children(here).names
    assert studio.attributes(shown)["cn"] == [value]
    assert studio.search(here, f"(cn={_filter(value)})").names == [shown]
    for name in (dn, *(f"cn={other},{here}" for other in others)):
        assert studio.search(name, scope="base").names == [shown], name
        assert studio.add(name, person).code == 68  # entryAlreadyExists
    assert studio.modify(shown, ("add", "description", [value])).code == 0
    assert studio.rename(shown, f"cn=khác,{here}").code == 0
    assert studio.rename(f"cn=khác,{here}", dn).code == 0
    assert studio.search(here).names == [shown]
    assert studio.delete(shown).code == 0


@pytest.mark.parametrize(("value", "written", "others"), NAMES.values(), ids=NAMES)
def test_a_name_of_several_parts_is_the_same_in_any_order(
    studio: Studio, here: str, value: str, written: str, others: list[str]
) -> None:
    assert studio.add(f"cn={written}+uid=thu,{here}", {"objectClass": "inetOrgPerson", "sn": "thử"}).code == 0

    for spelling in (written, *others):
        for name in (f"cn={spelling}+uid=thu,{here}", f"UID=THU+2.5.4.3={spelling},{here}"):
            assert studio.attributes(name)["cn"] == [value], name
    assert studio.search(f"cn={written},{here}", scope="base").code == 32  # noSuchObject: not the whole name


def test_decomposed_letters_name_the_same_entry_as_composed_ones(studio: Studio, here: str) -> None:
    composed = f"ou=Ủy ban nhân dân,{here}"
    decomposed = unicodedata.normalize("NFD", composed)
    assert decomposed != composed
    assert studio.add(decomposed, {"objectClass": "organizationalUnit"}).code == 0

    for name in (composed, decomposed, composed.upper()):
        assert len(studio.search(name, scope="base").entries) == 1
    assert studio.add(composed, {"objectClass": "organizationalUnit"}).code == 68


def test_a_numeric_type_is_the_type_of_that_number(studio: Studio, here: str) -> None:
    assert studio.add(f"2.5.4.11=phòng,{here}", {"objectClass": "organizationalUnit"}).code == 0

    entry = studio.attributes(f"OU=Phòng,{here}")
    assert entry["ou"] == ["phòng"]
    assert studio.attributes(f"organizationalUnitName=phòng,{here}").dn == entry.dn


def test_an_entry_below_a_strange_name_is_reached_moved_and_named_by_others(
    studio: Studio, here: str
) -> None:
    strange = rf"ou=\#\+ \, \"x\"\ ,{here}"
    person, group = f"cn=a,{strange}", f"cn=nhóm,{here}"
    assert studio.add(strange, {"objectClass": "organizationalUnit"}).code == 0
    assert studio.add(person, {"objectClass": "person", "sn": "a"}).code == 0
    assert studio.add(group, {"objectClass": "groupOfNames", "member": person}).code == 0

    assert studio.rename(strange, rf"ou=\=\;\<,{here}").code == 0
    (member,) = studio.attributes(group)["member"]
    assert studio.attributes(str(member))["sn"] == ["a"]
    assert studio.search(here, f"(member=cn=a,ou=\\5c=\\5c;\\5c<,{here})").names == [group]


@pytest.mark.parametrize("written", ["", "=x", "cn", "cn=a,,", "khongco=x", "cn=x+", "1.2.=x"])
def test_what_is_no_name_is_refused_with_the_reason(studio: Studio, here: str, written: str) -> None:
    other = Studio(studio.client, studio.server, on="other")
    other.connect()

    done = other.bind(f"{written},{here}", "Mật-khẩu-thử-1")  # the only name that the library sends unread

    assert done.code == 34  # invalidDNSyntax
    assert done.message.startswith("invalid DN: ")


def _filter(value: str) -> str:
    return "".join(f"\\{ord(sign):02x}" if sign in "\\()*\0" else sign for sign in value)
