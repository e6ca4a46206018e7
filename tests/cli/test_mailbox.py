"""`govdir mailbox create`, `show`, `find`, `duplicates`, `move` and `rename`, in Cần Thơ."""

from __future__ import annotations

from pathlib import Path

import pytest

from govdir.cli.local import open_directory
from govdir.config import load_config
from govdir.directory.caller import Role
from govdir.ldap.codec.messages import AddRequest, Attribute, ModifyDnRequest
from tests.cli.command_line import govdir
from tests.cli.office import MINH, SONV, SUFFIX, answer, change_number, refused, same_refusal, texts

SOTTTT = f"ou=sotttt,ou=orgs,{SUFFIX}"


def create(home: Path, name: str, *options: str, locale: str = "C.UTF-8") -> tuple[int, str, str]:
    result = govdir("mailbox", "create", home, "--name", name, "--in", "sonv", *options, locale=locale)
    return result.exit_code, result.stdout, result.stderr


def test_a_new_mailbox_is_told_by_its_address_and_the_rule_that_gives_it(office: Path) -> None:
    status, out, told = create(office, "Phạm Thị Thu Hà")
    assert (status, out) == (0, "pttha@cantho.gov.vn\n")
    assert "Điều 4 khoản 2 điểm c" in told
    assert f"uid=pttha,{SONV}" in told


def test_forms_that_were_passed_over_are_told_with_the_reason(office: Path) -> None:
    status, out, told = create(office, "Nguyễn Văn Minh", "--yes", locale="vi_VN.UTF-8")
    assert (status, out) == (0, "nvanminh@cantho.gov.vn\n")
    assert "bỏ qua nvminh@cantho.gov.vn: đã có người dùng" in told


def test_a_namesake_is_asked_about_and_listed_before_anything_is_made(office: Path) -> None:
    before = change_number(office)
    line = ("mailbox", "create", office, "--name", "nguyễn  văn MINH", "--in", "sotttt")
    for answered in ("n\n", ""):
        result = govdir(*line, stdin=answered)
        assert result.exit_code == 1
        assert "nvminh@cantho.gov.vn, Nguyễn Văn Minh, Sở Nội vụ" in result.stderr
    assert change_number(office) == before
    assert govdir(*line, stdin="y\n").stdout == "nvanminh@cantho.gov.vn\n"


def test_what_is_stated_is_stored_in_one_change(office: Path) -> None:
    before = change_number(office)
    stated = ("--position", "Trưởng phòng", "--title", "Chuyên viên", "--rank", "staff", "--phone", "0292 1")
    made = answer(
        "mailbox", "create", office, "--name", "Phạm Thị Thu Hà", "--in", "Sở Nội vụ", "--pending", *stated
    )
    assert made["state"] == "pending"
    assert made["password"] is None
    assert change_number(office) == before + 1
    shown = answer("mailbox", "show", office, "pttha")
    assert (shown["position"], shown["title"], shown["rank"]) == ("Trưởng phòng", "Chuyên viên", "staff")
    assert shown["phone"] == "0292 1"


def test_the_parts_of_a_name_may_be_given_apart(office: Path) -> None:
    parts = ("--surname", "Tôn Nữ", "--middle", "Thị", "--given", "Ninh")
    made = govdir("mailbox", "create", office, "--in", "sonv", *parts)
    assert made.stdout == "tntninh@cantho.gov.vn\n"
    assert texts(office, f"uid=tntninh,{SONV}", "sn") == ("Tôn Nữ",)


def test_a_generated_password_is_printed_once_and_must_be_changed(office: Path) -> None:
    made = answer(
        "mailbox", "create", office, "--name", "Phạm Thị Thu Hà", "--in", "sonv", "--generate-password"
    )
    with open_directory(load_config(office)) as local:
        caller = local.run(local.directory.bind(made["dn"], made["password"].encode())).caller
    assert (caller.role, caller.must_change) == (Role.PERSON, True)
    assert made["password"] not in govdir("mailbox", "show", office, "pttha", "--json").stdout


def test_a_password_from_a_file_is_judged_and_never_printed(office: Path, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.txt", tmp_path / "bad.txt"
    good.write_text("Sông Hậu 7 nhịp!\n")
    bad.write_text("matkhau\n")
    status, out, told = create(office, "Phạm Thị Thu Hà", "--password-file", str(bad))
    assert (status, out) == (1, "")
    assert "Điều 10 khoản 3" in told
    status, out, told = create(office, "Phạm Thị Thu Hà", "--password-file", str(good))
    assert (status, out) == (0, "pttha@cantho.gov.vn\n")
    assert "nhịp" not in told


def test_a_mailbox_of_a_function_has_the_address_an_operator_names(office: Path) -> None:
    line = ("mailbox", "create", office, "--name", "Một cửa", "--in", "sonv", "--kind", "role")
    assert govdir(*line, "--mail", "motcua@cantho.gov.vn").stdout == "motcua@cantho.gov.vn\n"
    assert "mail" in refused(*line)


def add_request(**attributes: str) -> AddRequest:
    classes = Attribute("objectClass", (b"inetOrgPerson", b"gdPerson", b"gdMailbox"))
    given = (Attribute(name, (value.encode(),)) for name, value in attributes.items())
    return AddRequest(f"uid=*,{SONV}", (classes, *given))


@pytest.mark.parametrize("name", ["Nguyễn Văn 2", "Trần 😀", "", "Lê\u202e Minh", "A" * 300])
def test_a_name_is_refused_word_for_word_as_over_ldap(office: Path, name: str) -> None:
    result = govdir("mailbox", "create", office, "--name", name, "--in", "sonv")
    same_refusal(
        office, result, lambda local: local.handle.add(add_request(cn=name) if name else add_request())
    )


def test_a_refusal_in_vietnamese_is_the_directorys_too(office: Path) -> None:
    line = ("mailbox", "create", office, "--name", "Nguyễn Văn 2", "--in", "sonv")
    request, locale = add_request(cn="Nguyễn Văn 2"), "vi_VN.UTF-8"
    result = govdir(*line, locale=locale)
    same_refusal(office, result, lambda local: local.handle.add(request), locale)
    assert "chữ số" in result.stderr


def test_the_fourth_of_a_name_waits_for_a_human_who_then_names_the_address(office: Path) -> None:
    for _ in range(2):
        assert create(office, "Nguyễn Văn Minh", "--yes")[0] == 0
    result = govdir("mailbox", "create", office, "--name", "Nguyễn Văn Minh", "--in", "sonv", "--yes")
    same_refusal(office, result, lambda local: local.handle.add(add_request(cn="Nguyễn Văn Minh")))
    status, out, told = create(office, "Nguyễn Văn Minh", "--yes", "--mail", "minhnv@cantho.gov.vn")
    assert (status, out) == (0, "minhnv@cantho.gov.vn\n")
    assert "an operator chose" in told


# -- who is meant


@pytest.mark.parametrize(
    "who", ["nvminh", "NVMinh@cantho.gov.vn", MINH, "sonv@cantho.gov.vn", "vanphong.sonv"]
)
def test_a_mailbox_is_found_by_address_login_or_dn(office: Path, who: str) -> None:
    assert govdir("mailbox", "show", office, who).exit_code == 0


def test_a_mailbox_is_found_by_its_alias(office: Path) -> None:
    govdir("mailbox", "rename", office, "ltbdao", "--name", "Lê Thị Bích Hoa")
    assert answer("mailbox", "show", office, "ltbdao@cantho.gov.vn")["mail"] == "ltbhoa@cantho.gov.vn"


@pytest.mark.parametrize(
    "who", ["nobody", "nobody@cantho.gov.vn", f"uid=nobody,{SONV}", "not=a=dn,", "*", "ạ"]
)
def test_whoever_is_unknown_is_said_to_be(office: Path, who: str) -> None:
    assert refused("mailbox", "show", office, who).startswith(f'The directory has no mailbox "{who}".')


def test_a_name_is_no_mailbox_but_leads_to_it(office: Path) -> None:
    told = refused("mailbox", "show", office, "nguyen van minh")
    assert "nvminh@cantho.gov.vn, Nguyễn Văn Minh, Sở Nội vụ" in told


def test_a_login_name_of_several_is_refused_with_all_of_them(office: Path) -> None:
    with open_directory(load_config(office)) as local:
        request = add_request(cn="Phạm Thị Thu Hà")
        classes, name = request.attributes
        local.run(local.handle.add(AddRequest(f"uid=nvminh,{SOTTTT}", (classes, name))))
    told = refused("mailbox", "show", office, "nvminh")
    assert "nvminh@cantho.gov.vn, Nguyễn Văn Minh, Sở Nội vụ" in told
    assert "pttha@cantho.gov.vn, Phạm Thị Thu Hà, Sở Thông tin và Truyền thông" in told


def test_an_unknown_body_is_refused_with_those_much_alike(office: Path) -> None:
    told = refused("mailbox", "create", office, "--name", "Phạm Thị Thu Hà", "--in", "Sở Noi vu 2")
    assert "sonv@cantho.gov.vn, Sở Nội vụ" in told


# -- what is shown


def test_a_mailbox_is_shown_with_what_mail_servers_see(office: Path) -> None:
    shown = govdir("mailbox", "show", office, "nvminh", locale="vi_VN.UTF-8").stdout
    assert "nvminh@cantho.gov.vn" in shown
    assert "active: mail deliver smtp imap pop3 sieve" in shown
    assert "đang dùng" in shown


def test_the_shape_of_what_show_prints_for_programs_is_kept(office: Path) -> None:
    shown = answer("mailbox", "show", office, "sonv")
    assert shown["owner"] == ["tqan@cantho.gov.vn"]
    assert (shown["kind"], shown["state"], shown["quota"]) == ("org", "active", 0)
    assert (shown["sign_in"], shown["receive"], shown["send"]) == (True, True, True)
    assert {"state_since", "password_expires_at", "last_sign_in", "revoke_at", "entry_uuid"} <= shown.keys()


def test_what_becomes_of_it_unused_is_told_with_the_rule(office: Path) -> None:
    due = answer("mailbox", "show", office, "nvminh")["if_unused"]
    assert due["what"] == "suspended"
    assert "Điều 5 khoản 4" in due["rule"]
    govdir("mailbox", "exempt", office, "nvminh", "--until", "2098-11-30")
    later = answer("mailbox", "show", office, "nvminh")["if_unused"]["at"]
    assert later.startswith("2099-02-28T23:59:59")
    assert "2099-02-28" in govdir("mailbox", "show", office, "nvminh").stdout
    govdir("mailbox", "revoke", office, "nvminh", "--reason", "Nghỉ việc")
    assert answer("mailbox", "show", office, "nvminh")["if_unused"] is None


@pytest.mark.parametrize("text", ["van minh", "VĂN MINH", "nvm", "  minh "])
def test_people_are_found_whatever_the_accents(office: Path, text: str) -> None:
    assert [one["mail"] for one in answer("mailbox", "find", office, text)] == ["nvminh@cantho.gov.vn"]


def test_bodies_are_found_by_name_too(office: Path) -> None:
    assert "sonv@cantho.gov.vn" in govdir("mailbox", "find", office, "noi vu").stdout


def test_what_is_not_found_is_status_1(office: Path) -> None:
    assert "xyz" in refused("mailbox", "find", office, "xyz")


def test_people_of_one_name_are_listed_those_of_one_body_first(office: Path) -> None:
    assert answer("mailbox", "duplicates", office) == []
    for name, body in (("Lê Thị Bích Đào", "sotttt"), ("Nguyễn Văn Minh", "sonv")):
        govdir("mailbox", "create", office, "--name", name, "--in", body, "--yes")
    groups = answer("mailbox", "duplicates", office)
    assert [(group["key"], group["together"]) for group in groups] == [
        ("nguyen van minh", 2),
        ("le thi bich dao", 1),
    ]
    assert "2 people, 2 of them in one body" in govdir("mailbox", "duplicates", office).stdout


# -- another place, another name


def test_a_move_is_one_change_and_keeps_an_address_that_does_not_depend_on_the_place(office: Path) -> None:
    before = change_number(office)
    moved = answer("mailbox", "move", office, "nvminh", "--to", "sotttt")
    assert (moved["mail"], moved["aliases"]) == ("nvminh@cantho.gov.vn", [])
    assert moved["dn"] == f"uid=nvminh,{SOTTTT}"
    assert change_number(office) == before + 1
    assert texts(office, moved["dn"], "displayName") == ("Nguyễn Văn Minh - Sở Thông tin và Truyền thông",)


def test_a_move_to_a_body_that_is_none_changes_nothing(office: Path) -> None:
    before = change_number(office)
    assert "nowhere" in refused("mailbox", "move", office, "nvminh", "--to", "nowhere")
    assert change_number(office) == before


def test_somebody_whose_address_was_chosen_moves_with_it_when_told_to(office: Path) -> None:
    for _ in range(2):
        create(office, "Nguyễn Văn Minh", "--yes")
    create(office, "Nguyễn Văn Minh", "--yes", "--mail", "minhnv@cantho.gov.vn")
    result = govdir("mailbox", "move", office, "minhnv", "--to", "sotttt")
    dn = f"uid=minhnv,{SONV}"
    same_refusal(
        office, result, lambda local: local.handle.modify_dn(ModifyDnRequest(dn, "uid=*", True, SOTTTT))
    )
    assert govdir("mailbox", "move", office, "minhnv", "--to", "sotttt", "--keep-address").exit_code == 0
    assert texts(office, f"uid=minhnv,{SOTTTT}", "mail") == ("minhnv@cantho.gov.vn",)


def test_a_new_name_brings_a_new_address_and_the_old_one_stays_as_an_alias(office: Path) -> None:
    before = change_number(office)
    result = govdir("mailbox", "rename", office, "ltbdao", "--name", "Lê Thị Bích Hoa")
    assert result.stdout == "ltbhoa@cantho.gov.vn\n"
    assert "ltbdao@cantho.gov.vn still receives mail" in result.stderr
    assert change_number(office) == before + 1
    shown = answer("mailbox", "show", office, "ltbhoa@cantho.gov.vn")
    assert (shown["name"], shown["aliases"]) == ("Lê Thị Bích Hoa", ["ltbdao@cantho.gov.vn"])


def test_a_new_name_may_leave_the_address_alone(office: Path) -> None:
    renamed = answer("mailbox", "rename", office, "ltbdao", "--name", "Lê Thị Bích Hoa", "--keep-address")
    assert (renamed["mail"], renamed["previous"]) == ("ltbdao@cantho.gov.vn", "ltbdao@cantho.gov.vn")


def test_a_bodys_mailbox_is_no_person_to_move(office: Path) -> None:
    told = refused("mailbox", "move", office, "sonv", "--to", "sotttt")
    assert "sonv@cantho.gov.vn" in told
