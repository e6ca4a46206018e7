"""ldapsearch asks for orders, windows, pages, values, assertions: -E sss, vlv, pr, mv and -e assert."""

from __future__ import annotations

import pytest

from interop.ldap.openldap import Said, Tools
from interop.server import Server


@pytest.fixture
def tools(server: Server) -> Tools:
    return Tools(server)


def uids(said: Said) -> list[str]:
    """In the order in which they came."""
    return [dn.split(",")[0].removeprefix("uid=") for dn in said.entries]


def people(tools: Tools, staff: str, *controls: str) -> Said:
    return tools.search(staff, "-s", "one", *controls, "(uid=*)", "uid", "cn", "sn")


def test_a_result_is_sorted_and_its_reverse_is_the_other_way_round(tools: Tools, staff: str) -> None:
    there = people(tools, staff, "-E", "!sss=uid")
    assert there.code == 0, there
    assert uids(there) == sorted(uids(there))
    assert len(uids(there)) > 2
    back = people(tools, staff, "-E", "!sss=-uid:caseIgnoreOrderingMatch")
    assert uids(back) == uids(there)[::-1]


def test_what_cannot_be_sorted_is_refused_where_it_is_critical(tools: Tools, staff: str) -> None:
    assert people(tools, staff, "-E", "!sss=nosuch").code == 12
    said = people(tools, staff, "-E", "sss=nosuch")
    assert said.code == 0
    assert len(uids(said)) > 2


def test_sorted_pages_are_parts_of_one_order(tools: Tools, staff: str) -> None:
    whole = uids(people(tools, staff, "-E", "!sss=uid"))
    paged = people(tools, staff, "-E", "!sss=uid", "-E", "pr=2/noprompt")
    assert paged.code == 0, paged
    assert uids(paged) == whole


def test_windows_are_scrolled_through_from_a_place_and_from_a_value(tools: Tools, staff: str) -> None:
    """ldapsearch goes on from window to window until there is none."""
    whole = uids(people(tools, staff, "-E", "!sss=uid"))
    for window in ("0/1/1/0", f"0/1:{whole[0]}"):
        said = people(tools, staff, "-E", "!sss=uid", "-E", f"!vlv={window}")
        assert uids(said) == whole, said
        assert (said.code, "none at that offset" in said.err) == (76, True)
    last = people(tools, staff, "-E", "!sss=uid", "-E", f"!vlv=1/0:{whole[-1]}")
    assert uids(last)[:2] == whole[-2:]


def test_a_window_beyond_the_list_is_76(tools: Tools, staff: str) -> None:
    said = people(tools, staff, "-E", "!sss=uid", "-E", "!vlv=0/1/9999/0")
    assert (said.code, uids(said)) == (76, [])


def test_only_values_that_match_are_returned(tools: Tools, staff: str) -> None:
    one = uids(people(tools, staff))[0]
    said = tools.search(
        staff, "-s", "one", "-E", "!mv=(objectClass=inetOrgPerson)", f"(uid={one})", "objectClass"
    )
    assert said.values("objectClass") == ["inetOrgPerson"]


def test_a_search_is_made_only_where_its_base_is_as_asserted(tools: Tools, staff: str) -> None:
    assert people(tools, staff, "-e", "!assert=(objectClass=organizationalUnit)").code == 0
    assert people(tools, staff, "-e", "!assert=(objectClass=device)").code == 122
    assert people(tools, staff, "-e", "!assert=(!(nosuch=x))").code == 122
