"""`govdir org`: bodies, their labels and addresses, their ends, and who administers them."""

from __future__ import annotations

from pathlib import Path

import pytest

from govdir.cli.changes import also, put
from govdir.ldap.codec.messages import AddRequest, Attribute, ModifyRequest
from tests.cli.command_line import govdir
from tests.cli.office import MINH, SONV, SUFFIX, answer, change_number, refused, same_refusal, texts

SOTTTT = f"ou=sotttt,ou=orgs,{SUFFIX}"


def body_request(dn: str, name: str, **more: str) -> AddRequest:
    classes = Attribute("objectClass", (b"organizationalUnit", b"gdOrganization", b"gdMailbox"))
    given = {"displayName": name, **more}
    return AddRequest(dn, (classes, *(Attribute(key, (text.encode(),)) for key, text in given.items())))


def test_a_body_gets_label_address_and_name_from_the_regulation_in_one_change(office: Path) -> None:
    before = change_number(office)
    made = answer("org", "create", office, "--name", "Sở Ngoại vụ", "--kind", "agency")
    assert (made["label"], made["mail"]) == ("songoaivu", "songoaivu@cantho.gov.vn")
    assert made["dn"] == f"ou=songoaivu,ou=orgs,{SUFFIX}"
    assert "Điều 4 khoản 2 điểm a" in made["reason"]["rule"]
    assert change_number(office) == before + 1


def test_a_district_its_commune_and_a_unit_stand_where_they_belong(office: Path) -> None:
    district = answer("org", "create", office, "--name", "UBND huyện Phong Điền", "--kind", "district")
    assert district["label"] == "phongdien"
    line = ("org", "create", office, "--in", "phongdien", "--kind", "commune", "--name")
    commune = answer(*line, "UBND xã Nhơn Ái")
    assert commune["mail"] == "nhonai@cantho.gov.vn"
    unit = answer("org", "create", office, "--name", "Phòng Tư pháp", "--in", "phongdien")
    assert unit["mail"].endswith(".phongdien@cantho.gov.vn")


def test_label_and_address_may_be_named(office: Path) -> None:
    made = answer(
        "org", "create", office, "--name", "Báo Cần Thơ", "--label", "bct", "--mail", "toasoan@cantho.gov.vn"
    )
    assert (made["label"], made["mail"]) == ("bct", "toasoan@cantho.gov.vn")


def test_a_body_without_a_mailbox_has_a_label_all_the_same(office: Path) -> None:
    made = answer(
        "org", "create", office, "--name", "Tổ Một cửa", "--in", "sonv", "--kind", "other", "--no-mailbox"
    )
    assert (made["mail"], made["reason"]) == ("", None)
    assert made["label"]
    assert govdir("org", "create", office, "--name", "x", "--no-mailbox", "--head", "nvminh").exit_code == 2


def test_the_head_owns_the_new_mailbox(office: Path) -> None:
    made = answer("org", "create", office, "--name", "Thanh tra", "--in", "sonv", "--head", "nvminh")
    assert texts(office, made["dn"], "owner") == (MINH,)


def test_a_second_body_of_one_label_is_refused_word_for_word_as_over_ldap(office: Path) -> None:
    result = govdir("org", "create", office, "--name", "Sở Nội vụ mới", "--label", "sonv", "--in", "sotttt")
    again = govdir("org", "create", office, "--name", "Sở Nội vụ mới", "--label", "sonv")
    assert result.exit_code == 0  # a unit's label is its own agency's business
    same_refusal(
        office,
        again,
        lambda local: local.handle.add(
            body_request(f"ou=*,ou=orgs,{SUFFIX}", "Sở Nội vụ mới", gdOrgCode="sonv")
        ),
    )
    assert "Sở Nội vụ" in again.stderr


@pytest.mark.parametrize("name", ["", "!!!", "Sở\u0007", "Ủy ban " * 60])
def test_a_name_that_makes_no_label_is_refused_word_for_word_as_over_ldap(office: Path, name: str) -> None:
    result = govdir("org", "create", office, "--name", name)
    request = body_request(f"ou=*,ou=orgs,{SUFFIX}", name)
    if not name:
        request = AddRequest(request.entry, request.attributes[:1])
    same_refusal(office, result, lambda local: local.handle.add(request))


@pytest.mark.parametrize(
    "body", ["sonv", "SONV@cantho.gov.vn", "so noi vu", "Sở Nội vụ", "Sơ\u0309 Nội vụ", SONV]
)
def test_a_body_is_found_by_label_address_name_or_dn(office: Path, body: str) -> None:
    shown = answer("org", "show", office, body)
    assert (shown["name"], shown["label"], shown["people"]) == ("Sở Nội vụ", "sonv", 3)
    assert shown["units"] == ["Văn phòng"]


def test_a_label_of_several_units_is_refused_with_all_of_them(office: Path) -> None:
    govdir("org", "create", office, "--name", "Văn phòng", "--in", "sotttt")
    told = refused("org", "show", office, "vanphong")
    assert "vanphong.sonv@cantho.gov.vn, Văn phòng, Sở Nội vụ" in told
    assert "vanphong.sotttt@cantho.gov.vn" in told
    assert answer("org", "show", office, "vanphong.sotttt")["above"] == "Sở Thông tin và Truyền thông"


@pytest.mark.parametrize("body", ["sonx", f"ou=nowhere,{SUFFIX}", MINH, "a=b=c,,", ""])
def test_an_unknown_body_is_said_to_be_with_what_is_alike(office: Path, body: str) -> None:
    told = refused("org", "show", office, body)
    assert told.startswith(f'The directory has no body "{body}".')
    assert body != "sonx" or "sonv@cantho.gov.vn" in told


def test_the_tree_shows_bodies_below_their_own(office: Path) -> None:
    lines = govdir("org", "tree", office).stdout.splitlines()
    assert lines[0] == "Sở Nội vụ, sonv@cantho.gov.vn, people: 3"
    assert lines[1] == "  Văn phòng, vanphong.sonv@cantho.gov.vn"
    tree = answer("org", "tree", office)
    assert [branch["label"] for branch in tree] == ["sonv", "sotttt", "soyte"]
    assert tree[0]["below"][0]["name"] == "Văn phòng"
    assert [branch["label"] for branch in answer("org", "tree", office, "--in", "sotttt")] == ["sotttt"]


def test_a_new_label_brings_a_new_address_and_the_old_one_stays_as_an_alias(office: Path) -> None:
    before = change_number(office)
    renamed = answer(
        "org", "rename", office, "sotttt", "--name", "Sở Khoa học và Công nghệ", "--label", "sokhcn"
    )
    assert (renamed["mail"], renamed["label"]) == ("sokhcn@cantho.gov.vn", "sokhcn")
    assert "sotttt@cantho.gov.vn" in renamed["aliases"]
    assert change_number(office) == before + 1
    assert answer("org", "show", office, "sokhcn")["name"] == "Sở Khoa học và Công nghệ"


def test_a_new_name_alone_leaves_label_and_address(office: Path) -> None:
    renamed = answer("org", "rename", office, "sonv", "--name", "Sở Nội vụ và Lao động")
    assert (renamed["label"], renamed["mail"]) == ("sonv", "sonv@cantho.gov.vn")
    assert govdir("org", "rename", office, "sonv").exit_code == 2


def test_who_works_below_a_renamed_body_is_spoken_of(office: Path) -> None:
    govdir("mailbox", "move", office, "nvminh", "--to", "soyte")
    told = govdir("org", "rename", office, "soyte", "--label", "sytct").stderr
    assert "soyte@cantho.gov.vn still receives mail" in told
    assert "the mailboxes below (1) keep their addresses" in told


def test_an_address_that_the_regulation_fixed_by_name_stays_whatever_the_label(office: Path) -> None:
    assert answer("org", "rename", office, "sonv", "--label", "sonoivu")["mail"] == "sonv@cantho.gov.vn"


def test_a_closed_body_takes_nobody_in_and_names_its_successor(office: Path) -> None:
    shown = answer("org", "close", office, "soyte", "--on", "01/7/2025", "--successor", "sonv")
    assert shown["valid_to"] == "2025-07-01T00:00:00+07:00"
    assert shown["successors"] == ["sonv@cantho.gov.vn"]
    told = refused("mailbox", "create", office, "--name", "Phạm Thị Thu Hà", "--in", "soyte")
    assert "Sở Nội vụ" in told
    assert answer("org", "close", office, "soyte", "--cancel")["valid_to"] is None
    assert govdir("mailbox", "create", office, "--name", "Phạm Thị Thu Hà", "--in", "soyte").exit_code == 0


def test_an_end_needs_its_day(office: Path) -> None:
    assert govdir("org", "close", office, "soyte").exit_code == 2
    assert govdir("org", "close", office, "soyte", "--on", "2025-06-31").exit_code == 2


def test_administrators_and_approvers_are_appointed_and_dismissed(office: Path) -> None:
    both = ("--it-admin", "nvminh", "--approver", "ltbdao")
    shown = answer("org", "appoint", office, "sonv", *both)
    assert (shown["it_admins"], shown["approvers"]) == (["nvminh@cantho.gov.vn"], ["ltbdao@cantho.gov.vn"])
    shown = answer("org", "dismiss", office, "sonv", "--it-admin", "nvminh")
    assert (shown["it_admins"], shown["approvers"]) == ([], ["ltbdao@cantho.gov.vn"])
    assert govdir("org", "appoint", office, "sonv").exit_code == 2


def test_an_appointment_is_refused_word_for_word_as_over_ldap(office: Path) -> None:
    govdir("org", "appoint", office, "sonv", "--it-admin", "nvminh")
    again = govdir("org", "appoint", office, "sonv", "--it-admin", "nvminh")
    request = ModifyRequest(SONV, (also("gdItAdmin", MINH),))
    same_refusal(office, again, lambda local: local.handle.modify(request))
    assert "no person" in refused("org", "appoint", office, "sonv", "--it-admin", "nobody")


def test_a_label_that_is_taken_is_refused_word_for_word_as_over_ldap(office: Path) -> None:
    result = govdir("org", "rename", office, "sotttt", "--label", "sonv")
    request = ModifyRequest(SOTTTT, (put("gdOrgCode", "sonv"), put("mail", "*")))
    same_refusal(office, result, lambda local: local.handle.modify(request))
