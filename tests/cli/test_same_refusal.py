"""One request, several doors: ldapmodify, the command line and imports refuse it in the same words."""

from __future__ import annotations

import os
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import Struct

from interop.programs import require_program
from tests.cli.command_line import govdir
from tests.cli.conftest import ADMIN_PASSWORD
from tests.cli.office import SONV, SUFFIX
from tests.cli.serving import serving
from tests.cli.test_mailbox_provinces import province

VIETNAMESE = "vi_VN.UTF-8"
SOTTTT, SOYTE = (f"ou={label},ou=orgs,{SUFFIX}" for label in ("sotttt", "soyte"))
HAI, LAN, DAO = f"uid=dvhai,{SOTTTT}", f"uid=vtlan,{SOTTTT}", f"uid=ltbdao,{SONV}"
NEW_PERSON = f"uid=*,{SOTTTT}"
PERSON = ("inetOrgPerson", "gdPerson", "gdMailbox")
BODY = ("organizationalUnit", "gdOrganization", "gdMailbox")
NEW_BODY = f"ou=*,ou=orgs,{SUFFIX}"
PUBLISHED = "MatKhau$7894"


class Served(Struct):
    """A home whose server runs on that port, and the administrator's name."""

    home: Path
    port: int
    admin: str


class Refusal(Struct):
    """A request: as LDIF, as arguments of `govdir` (HOME for the home), as a row of a list of names.

    `told` is in what each door says; `password` goes to a file that the arguments name as FILE.
    """

    name: str
    ldif: str
    told: str
    command: tuple[str, ...] = ()
    row: str | None = None
    password: str = ""


def record(dn: str, *lines: tuple[str, str]) -> str:
    """An LDIF record, base64 where the value is not plain."""
    written = (
        f"{name}: {value}"
        if value.isascii() and value.isprintable() and value == value.strip()
        else f"{name}:: {b64encode(value.encode()).decode()}"
        for name, value in lines
    )
    return "\n".join((f"dn: {dn}", *written, ""))


def adding(dn: str, classes: tuple[str, ...], **values: str | tuple[str, ...]) -> str:
    given: list[tuple[str, str]] = [("changetype", "add"), *(("objectClass", each) for each in classes)]
    for name, value in values.items():
        given += [(name, each) for each in ((value,) if isinstance(value, str) else value)]
    return record(dn, *given)


def putting(dn: str, **values: str | tuple[str, ...]) -> str:
    """Replaces attributes in one request."""
    given = [("changetype", "modify")]
    for name, value in values.items():
        each = (value,) if isinstance(value, str) else value
        given += [("replace", name), *((name, one) for one in each), ("-", "")]
    return record(dn, *given).replace("\n-: \n", "\n-\n").replace("\n-:: \n", "\n-\n")


def named(name: str, told: str, **more: str) -> Refusal:
    """A person of an impossible name."""
    command = ("mailbox", "create", "HOME", "--name", more.get("full", name), "--in", "sotttt", "--yes")
    ldif = adding(NEW_PERSON, PERSON, cn=more.get("full", name))
    return Refusal(name, ldif, told, command, more.get("row", more.get("full", name)) or None)


def addressed(name: str, mail: str, told: str, holder: str = "Lê Văn Tám") -> Refusal:
    """A person with an address of somebody's choice."""
    command = ("mailbox", "create", "HOME", "--name", holder, "--in", "sotttt", "--mail", mail, "--yes")
    return Refusal(name, adding(NEW_PERSON, PERSON, cn=holder, mail=mail), told, command)


def listed(name: str, told: str, *command: str, **values: str) -> Refusal:
    line = ("list", "create", "HOME", *command) if command else ()
    return Refusal(name, adding(f"cn=thu,ou=lists,{SUFFIX}", ("gdMailList",), **values), told, line)


def body(name: str, told: str, *command: str, dn: str = NEW_BODY, **values: str) -> Refusal:
    return Refusal(name, adding(dn, BODY, **values), told, ("org", "create", "HOME", *command))


def moved(name: str, dn: str, state: str, *command: str) -> Refusal:
    """A state that does not follow the one the mailbox is in."""
    return Refusal(name, putting(dn, gdState=state), "Điều 5", command)


def secret(name: str, password: str, told: str, *command: str) -> Refusal:
    line = command or ("mailbox", "reset-password", "HOME", "ltbdao", "--password-file", "FILE")
    return Refusal(name, putting(DAO, userPassword=password), told, line, password=password)


def shared(name: str, told: str, *command: str, **values: str | tuple[str, ...]) -> Refusal:
    """A change of the mailbox of Sở Nội vụ, which tqan owns."""
    return Refusal(name, putting(SONV, **values), told, ("mailbox", *command) if command else ())


AN, MINH = f"uid=tqan,{SONV}", f"uid=nvminh,{SONV}"

REFUSALS = [
    named("Lê Văn 9", "chữ số"),
    named("Trần 😀", "không dùng trong tên người"),
    named("Lê Văn @", "không dùng trong tên người"),
    named("Họ tên quá dài", "dài quá", full="Lê " + "A" * 300, row=""),
    named("Ký tự ẩn", "ký tự ẩn", full="Lê\u202e Minh", row="Lê\u202e Minh"),
    named("Chỉ có H’", "chỉ là chữ đứng trước tên", full="H'"),
    named("Nguyễn Văn Minh thứ tư", "Điều 4", full="Nguyễn Văn Minh"),
    addressed("Miền khác", "levantam@gmail.com", "không thuộc tên miền"),
    addressed("Không đúng dạng", "sep@cantho.gov.vn", "Địa chỉ đúng: lvtam@cantho.gov.vn"),
    addressed("Đã có người", "nvminh@cantho.gov.vn", "đã có người dùng", "Nguyễn Văn Minh"),
    addressed("Của người đã nghỉ", "dvhai@cantho.gov.vn", "đã có người dùng", "Đỗ Văn Hải"),
    addressed("Của người đã xóa", "vtlan@cantho.gov.vn", "đã có người dùng", "Võ Thị Lan"),
    addressed("Dành riêng", "postmaster@cantho.gov.vn", "dành riêng"),
    addressed("Hai dấu chấm", "le..tam@cantho.gov.vn", "không phải địa chỉ thư"),
    Refusal("Hai địa chỉ chính", putting(DAO, mail=("a1@cantho.gov.vn", "a2@cantho.gov.vn")), "một địa chỉ"),
    Refusal("Không còn địa chỉ", putting(DAO, mail=()), "phải có địa chỉ"),
    Refusal("Dung lượng quá lớn", putting(DAO, mailQuota="99999999999"), "vượt mức tối đa"),
    Refusal("Dung lượng âm", putting(DAO, mailQuota="-1"), "số byte"),
    body(
        "Nhãn của cơ quan khác", "Nhãn “sonv”", "--name", "Sở Nông vụ", "--label", "sonv",
        displayName="Sở Nông vụ", gdOrgCode="sonv",
    ),
    body(
        "Nhãn không hợp lệ", "không hợp lệ", "--name", "Sở Thử", "--label", "so+thu",
        displayName="Sở Thử", gdOrgCode="so+thu",
    ),
    body("Tên không có chữ", "không có chữ nào", "--name", "…", displayName="…"),
    body("Tên cơ quan quá dài", "dài quá", "--name", "Sở " + "x" * 300, displayName="Sở " + "x" * 300),
    Refusal(
        "Hết hạn trước khi có",
        putting(SOYTE, gdValidFrom="20260101000000Z", gdValidTo="20250101000000Z"), "sau gdValidFrom",
    ),
    moved("Đã thu hồi, khóa gửi", HAI, "sendblocked", "mailbox", "block-sending", "HOME", "dvhai",
          "--reason", "x"),
    moved("Đã thu hồi, tạm khóa", HAI, "suspended", "mailbox", "suspend", "HOME", "dvhai", "--reason", "x"),
    moved("Đã xóa, tạm khóa", LAN, "suspended", "mailbox", "suspend", "HOME", "vtlan", "--reason", "x"),
    moved("Đã xóa, thu hồi", LAN, "revoked", "mailbox", "revoke", "HOME", "vtlan", "--reason", "x"),
    moved("Đang dùng, chờ duyệt", DAO, "pending"),
    Refusal("Trạng thái lạ", putting(DAO, gdState="nghỉ"), "các trạng thái"),
    Refusal(
        "Ngày nghỉ không tính được", putting(DAO, gdLeavingAt="99991230170000Z"), "tính hạn",
        ("mailbox", "leave", "HOME", "ltbdao", "--on", "9999-12-31"),
    ),
    Refusal("Ngày nghỉ không có", putting(DAO, gdLeavingAt="20260230000000Z"), "tính hạn"),
    *(
        Refusal(name, putting(DAO, **{name: value}), "no user modification allowed")
        for name, value in (
            ("accountStatus", "disabled"), ("enabledService", "smtp"), ("gdStateSince", "20200101000000Z")
        )
    ),
    Refusal("Bậc lạ", putting(DAO, gdRankClass="sếp"), "gdRankClass"),
    secret("Ngắn", "Ab1!", "ít nhất 8 ký tự"),
    secret("Mẫu công bố", PUBLISHED, "công bố"),
    secret("Tên của chính mình", "LeThiBichDao#1", "Mật mã"),
    secret("Tên cơ quan", "Sonv@2026", "Mật mã"),
    secret("Thiếu ký tự đặc biệt", "SenTrangHo927", "ký tự đặc biệt"),
    secret("Dãy phím", "1qaz@WSX", "Mật mã"),
    shared(
        "Hai người được ủy quyền", "nhiều nhất là 1", "delegate", "add", "HOME", "sonv", "nvminh",
        gdDelegate=(DAO, MINH),
    ),
    shared("Người quản lý tự ủy quyền", "không ủy quyền cho chính mình", gdDelegate=AN),
    shared("Ủy quyền cho người đã nghỉ", "trạng thái revoked", gdDelegate=HAI),
    shared(
        "Hạn đã qua", "sau thời điểm hiện tại", "delegate", "until", "HOME", "sonv", "2020-01-01",
        gdDelegateUntil="20200101165959Z",
    ),
    shared("Hai người quản lý", "đúng một người", owner=(AN, MINH)),
    shared("Không ai quản lý", "đúng một người", owner=()),
    shared("Cơ quan quản lý", "phải là một người", owner=SOYTE),
    shared("Bàn giao không mật mã", "kèm mật mã mới", owner=MINH),
    Refusal("Người quản lý bị xóa", putting(AN, gdState="deleted"), "bàn giao",
            ("mailbox", "delete", "HOME", "tqan", "--yes")),
    listed("Danh sách của không ai", "hãy tạo trước", owner=f"ou=khongco,ou=orgs,{SUFFIX}",
           mail="thu.sonv@cantho.gov.vn"),
    listed("Danh sách tên dành riêng", "dành riêng", "--label", "thu", "--mail", "internal@cantho.gov.vn",
           mail="internal@cantho.gov.vn"),
    listed("Danh sách trùng địa chỉ", "đã có người dùng", "--label", "thu", "--mail", "nvminh@cantho.gov.vn",
           mail="nvminh@cantho.gov.vn"),
    listed("Danh sách lấy ở nơi khác", "trỏ vào danh bạ này", mail="thu.sonv@cantho.gov.vn",
           memberURL="ldap://x.example/dc=vn?mail?sub?(mail=*)"),
    listed("Người gửi lạ", "gdSenderPolicy", mail="thu.sonv@cantho.gov.vn", gdSenderPolicy="ai cũng được"),
    Refusal("Người gửi do hệ thống ghi", putting(f"cn=canbo,ou=lists,{SUFFIX}", rfc822sender="a@b.vn"),
            "Điều 11"),
]  # fmt: skip


def run(*line: str | object) -> None:
    result = govdir(*line)
    assert result.exit_code == 0, result.stderr


def quiet(home: Path) -> Path:
    """With the log of accesses in a file: nobody reads the server's standard output here."""
    settings = home / "govdir.toml"
    settings.write_text(settings.read_text().replace('# access = "-"', 'access = "access.log"'))
    return home


@pytest.fixture(scope="module")
def cantho(office_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The office with three of one name, somebody revoked, somebody deleted, and a shared mailbox."""
    home = Path(shutil.copytree(office_template, tmp_path_factory.mktemp("cantho") / "home"))
    for name in ("Đỗ Văn Hải", "Võ Thị Lan", "Nguyễn Văn Minh", "Nguyễn Văn Minh"):
        run("mailbox", "create", home, "--name", name, "--in", "sotttt", "--yes")
    run("mailbox", "revoke", home, "dvhai", "--reason", "Nghỉ việc")
    run("mailbox", "delete", home, "vtlan", "--yes")
    run("mailbox", "delegate", "add", home, "sonv", "ltbdao")
    run("mailbox", "reset-password", home, "sonv")
    run("list", "create", home, "--for", "sonv", "--label", "canbo")
    with serving("serve", quiet(home)) as server:
        yield Served(home, server.ldap, f"cn=admin,{SUFFIX}")


@pytest.fixture(scope="module")
def binhphuoc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = province(tmp_path_factory.mktemp("binhphuoc"), "binhphuoc")
    run("mailbox", "suspend", home, "namtv.snv", "--reason", "Lộ mật mã")
    with serving("serve", quiet(home)) as server:
        yield Served(home, server.ldap, "cn=admin,dc=binhphuoc,dc=gov,dc=vn")


def by_ldapmodify(served: Served, ldif: str) -> str:
    """What the server's diagnostic message says to OpenLDAP's client, with StartTLS."""
    done = subprocess.run(
        [
            require_program("ldapmodify", "ldap-utils"), "-x", "-ZZ",
            "-H", f"ldap://127.0.0.1:{served.port}", "-D", served.admin, "-w", ADMIN_PASSWORD,
        ],
        input=ldif, capture_output=True, text=True, check=False, timeout=60,
        env={**os.environ, "LDAPTLS_CACERT": str(served.home / "keys" / "ca.crt")},
    )  # fmt: skip
    assert done.returncode == 19, done.stderr
    return done.stderr.partition("additional info: ")[2].strip()


def by_import(served: Served, path: Path, *options: str) -> str:
    result = govdir("import", served.home, path, "--yes", *options, locale=VIETNAMESE)
    assert result.exit_code == 1, result.output
    return result.stderr


def same_everywhere(served: Served, refusal: Refusal, folder: Path) -> None:
    said = by_ldapmodify(served, refusal.ldif)
    assert refusal.told in said
    ldif = folder / "request.ldif"
    ldif.write_text(refusal.ldif)
    assert said in by_import(served, ldif)
    if refusal.command:
        secret_file = folder / "password"
        secret_file.touch(mode=0o600)
        secret_file.write_text(refusal.password + "\n")
        places = {"HOME": str(served.home), "FILE": str(secret_file)}
        result = govdir(*(places.get(each, each) for each in refusal.command), locale=VIETNAMESE)
        assert result.exit_code == 1, result.output
        assert result.stderr.strip().splitlines()[-1] == f"Lỗi: {said}"
    if refusal.row is not None:
        people = folder / "people.csv"
        people.write_text(f"Họ và tên,Chức vụ\n{refusal.row},Chuyên viên\n")
        assert said in by_import(served, people, "--in", "sotttt", "--namesakes")


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda each: each.name)
def test_every_door_refuses_in_the_same_words(cantho: Served, tmp_path: Path, refusal: Refusal) -> None:
    same_everywhere(cantho, refusal, tmp_path)


NAM = "uid=namtv.snv,ou=snv,ou=orgs,dc=binhphuoc,dc=gov,dc=vn"


@pytest.mark.parametrize(
    "refusal",
    [
        Refusal(
            "Mở lại không mật mã",
            putting(NAM, gdState="active"),
            "Điều 6 khoản 3 điểm b",
            ("mailbox", "confirm", "HOME", NAM),
        ),
        Refusal("Dung lượng quá nhỏ", putting(NAM, mailQuota="1000000"), "dưới mức tối thiểu"),
        Refusal(
            "Mật mã ngoài danh sách ký tự",
            putting(NAM, userPassword="Sen-trang^927"),
            "Điều 9",
            ("mailbox", "reset-password", "HOME", NAM, "--password-file", "FILE"),
            password="Sen-trang^927",
        ),
    ],
    ids=lambda each: each.name,
)
def test_so_do_those_of_another_province(binhphuoc: Served, tmp_path: Path, refusal: Refusal) -> None:
    same_everywhere(binhphuoc, refusal, tmp_path)
