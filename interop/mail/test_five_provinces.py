"""Each province's sample as its mail servers meet it: every address, and the regulation's rules by article.

Postfix's maps are asked with `postmap -q`, Dovecot with `doveadm`, on exactly the files that govdir writes;
no mail flows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest

from govdir.policy.load import shipped_provinces
from interop.mail.certificates import make_certificate
from interop.mail.dovecot import Dovecot
from interop.mail.folders import open_folder
from interop.mail.postfix import Postfix
from interop.mail.provinces import Province, running_province

GIB, MIB = 1 << 30, 1 << 20
LOG_IN = "REJECT 5.7.1 Addresses of this domain are for those who log in"
SYSTEM, DEFAULT = "quy tac an toan cua he thong", "mac dinh cua he thong"
BY_HAND = "do nguoi quan tri he thong dat"
OUTSIDER = "khach@example.org"
AGENCIES = "cacdonvi@cantho.gov.vn"
"""A list of the sample whose members are named: the agencies and districts themselves."""


@dataclass(frozen=True)
class Expected:
    """What one regulation makes of what is the same in all five. Places are as SMTP replies have them.

    `merged`: domains that stand for the province's since 2025. `addresses`: of newcomers, by uid. `quotas`:
    bytes by kind, None: no limit. `leavers`: what each newcomer who has left may still do. `announces`: who
    runs the system sends to the agency's list.
    """

    document: str
    merged: tuple[str, ...]
    addresses: Mapping[str, str]
    renamed_from: str
    quotas: Mapping[str, int | None]
    delegates: int | None
    delegate_place: str
    list_place: str
    announces: bool
    largest: int
    size_place: str
    suspended_place: str
    must_change_place: str
    leavers: Mapping[str, str]
    leaver_place: str


UNLIMITED = dict.fromkeys(("person", "org", "district", "commune", "unit"))
REVOKED_AT_ONCE = dict.fromkeys(("staffleft", "leaderleft", "leaderlonger", "staffgone"), "nothing")

EXPECTED = {
    "cantho": Expected(
        document="Quyet dinh 33/2015/QD-UBND",
        merged=("soctrang.gov.vn", "haugiang.gov.vn"),
        addresses={
            "owner": "htndiep@cantho.gov.vn",
            "delegate": "hybya@cantho.gov.vn",
            "second": "cttnhtbphuong@cantho.gov.vn",
            "krang": "ykrang@cantho.gov.vn",
            "dieu": "dhxay@cantho.gov.vn",
            "renamed": "dtnon@cantho.gov.vn",
        },
        renamed_from="dton@cantho.gov.vn",
        quotas={"person": 5 * GIB, "org": None, "district": None, "commune": None, "unit": 10 * GIB},
        delegates=1,
        delegate_place="Dieu 11 khoan 1",
        list_place="Dieu 11 khoan 5",
        announces=False,
        largest=35 * MIB,
        size_place=DEFAULT,
        suspended_place="Dieu 5 khoan 4, Dieu 14 khoan 2",
        must_change_place="Dieu 10 khoan 3",
        leavers=REVOKED_AT_ONCE,
        leaver_place="Dieu 5 khoan 3 diem a, diem b",
    ),
    "daklak": Expected(
        document="Quyet dinh 08/2014/QD-UBND",
        merged=("phuyen.gov.vn",),
        addresses={
            "owner": "diephtn@tttt.daklak.gov.vn",
            "delegate": "byahy@tttt.daklak.gov.vn",
            "second": "phuongcttnhtb@tttt.daklak.gov.vn",
            "krang": "krangy@tttt.daklak.gov.vn",
            "dieu": "xaydh@tttt.daklak.gov.vn",
            "renamed": "ondtn@tttt.daklak.gov.vn",
        },
        renamed_from="ondt@tttt.daklak.gov.vn",
        quotas=UNLIMITED,
        delegates=None,
        delegate_place="Dieu 12 khoan 1 diem c",
        list_place=DEFAULT,
        announces=False,
        largest=35 * MIB,
        size_place=DEFAULT,
        suspended_place=SYSTEM,
        must_change_place="Dieu 13 khoan 2",
        leavers=REVOKED_AT_ONCE,
        leaver_place="Dieu 6",
    ),
    "vinhphuc": Expected(
        document="Quyet dinh 28/2014/QD-UBND",
        merged=("phutho.gov.vn",),
        addresses={
            "owner": "diephtn@vinhphuc.gov.vn",
            "delegate": "byahy@vinhphuc.gov.vn",
            "second": "phuongcttnhtb@vinhphuc.gov.vn",
            "krang": "krangy@vinhphuc.gov.vn",
            "dieu": "xaydh@vinhphuc.gov.vn",
            "renamed": "ondtn@vinhphuc.gov.vn",
        },
        renamed_from="ondt@vinhphuc.gov.vn",
        quotas={key: None for key in UNLIMITED if key != "unit"},
        delegates=None,
        delegate_place="Dieu 12 khoan 3",
        list_place=DEFAULT,
        announces=False,
        largest=35 * MIB,
        size_place=DEFAULT,
        suspended_place=SYSTEM,
        must_change_place="Dieu 13 khoan 1 diem b",
        leavers=REVOKED_AT_ONCE,
        leaver_place="Dieu 12 khoan 6",
    ),
    "daknong": Expected(
        document="Quyet dinh 12/2012/QD-UBND",
        merged=("lamdong.gov.vn",),
        addresses={
            "owner": "diephtn.stttt@daknong.gov.vn",
            "delegate": "byahy.stttt@daknong.gov.vn",
            "second": "phuongcttnhtb.stttt@daknong.gov.vn",
            "krang": "krangy.stttt@daknong.gov.vn",
            "dieu": "xaydh.stttt@daknong.gov.vn",
            "renamed": "ondtn.stttt@daknong.gov.vn",
        },
        renamed_from="ondt.stttt@daknong.gov.vn",
        quotas=dict.fromkeys(UNLIMITED, 500 * MIB),
        delegates=None,
        delegate_place="Dieu 13 khoan 1",
        list_place="Dieu 5 khoan 1 diem e",
        announces=True,
        largest=35 * MIB,
        size_place="Dieu 5 khoan 2",
        suspended_place=SYSTEM,
        must_change_place="Dieu 12 khoan 1",
        leavers=REVOKED_AT_ONCE,
        leaver_place="Dieu 7 khoan 2 diem b",
    ),
    "binhphuoc": Expected(
        document="Quyet dinh 1956/QD-UBND",
        merged=("dongnai.gov.vn",),
        addresses={
            "owner": "diephtn.stttt@binhphuoc.gov.vn",
            "delegate": "byahy.stttt@binhphuoc.gov.vn",
            "second": "phuongcttnhtb.stttt@binhphuoc.gov.vn",
            "krang": "krangy.stttt@binhphuoc.gov.vn",
            "dieu": "xaydh.stttt@binhphuoc.gov.vn",
            "renamed": "ondtn.stttt@binhphuoc.gov.vn",
        },
        renamed_from="ondt.stttt@binhphuoc.gov.vn",
        quotas=dict.fromkeys(UNLIMITED, 2 * GIB),
        delegates=None,
        delegate_place=DEFAULT,
        list_place=DEFAULT,
        announces=False,
        largest=28 * MIB,
        size_place="Dieu 7 khoan 2 diem b",
        suspended_place="Dieu 6 khoan 1",
        must_change_place="Dieu 6 khoan 3 diem c",
        # Staff are blocked at once and revoked after half a year, leaders after a month and a year.
        leavers={
            "staffleft": "receives",
            "leaderleft": "sends",
            "leaderlonger": "receives",
            "staffgone": "nothing",
        },
        leaver_place="Dieu 5 khoan 3 diem b",
    ),
}


@pytest.fixture(scope="module", params=shipped_provinces())
def province(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    name: str = request.param
    folder = tmp_path_factory.mktemp(name)
    with running_province(folder, name, EXPECTED[name].merged) as running:
        yield running


@pytest.fixture(scope="module")
def maps(province: Province) -> Iterator[Postfix]:
    """Postfix's programs with the written configuration; no daemon runs."""
    with open_folder(f"maps-{province.name}") as folder:
        yield Postfix(folder, province.files(folder / "files", "postfix", "postfix"), 0, 0)


@pytest.fixture(scope="module")
def dovecot(province: Province) -> Iterator[Dovecot]:
    with open_folder(f"dovecot-{province.name}") as folder:
        make_certificate(folder / "imap", "localhost")
        files = province.files(folder / "files", "dovecot", "dovecot-2.3")
        made = Dovecot(folder / "instance", files, folder / "imap.crt", folder / "imap.key")
        made.start()
        try:
            yield made
        finally:
            made.stop()


@pytest.fixture
def expected(province: Province) -> Expected:
    return EXPECTED[province.name]


def everybody(province: Province) -> dict[str, bool]:
    """All primary addresses of people and bodies, and whether their mail is taken."""
    bodies = {each.mail: True for each in province.bodies}
    return bodies | {each.mail: each.receives for each in province.people}


def staff(province: Province, dn: str) -> set[str]:
    """Who is below a body and takes mail."""
    return {each.mail for each in province.people if each.receives and each.dn.endswith(f",{dn}")}


def place(reply: str) -> str:
    """What a refusal says last, in brackets."""
    found = re.search(r"\(([^()]*)\)$", reply)
    assert found is not None, reply
    return found[1]


# -- Postfix's maps


def test_every_address_of_the_sample_is_answered_by_the_one_map_that_is_its_own(
    province: Province, maps: Postfix
) -> None:
    known = everybody(province)
    receiving = {mail: mail for mail, receives in known.items() if receives}
    assert len(receiving) > 450

    assert maps.ask_all("mailboxes", known) == receiving
    assert maps.ask_all("mailboxes", [each.upper() for each in known]) == {
        each.upper(): each for each in receiving
    }
    assert maps.ask_all("aliases", [*known, *province.aliases]) == province.aliases
    assert maps.ask_all("mailboxes", [*province.aliases, *province.lists]) == {}
    assert maps.ask_all("lists", [*known, *province.aliases]) == {}


def test_names_of_every_people_have_the_address_the_regulation_gives(
    province: Province, maps: Postfix, expected: Expected
) -> None:
    assert {uid: province.address(uid) for uid in expected.addresses} == expected.addresses
    assert maps.ask_all("mailboxes", expected.addresses.values()) == {
        each: each for each in expected.addresses.values()
    }


def test_foreign_and_mistyped_addresses_are_nobodys(province: Province, maps: Postfix) -> None:
    domain = province.domain
    other = "vinhphuc.gov.vn" if domain != "vinhphuc.gov.vn" else "cantho.gov.vn"
    keys = [f"{local}{end}" for local in ("vpubnd", "khongco", "sotttt") for end in (f"@{other}", "", "@")]
    local, _, at = province.address("krang").partition("@")
    keys += [f"x{local}@{at}", f"{local}@x.{at}", f"@{domain}", f"*@{domain}", f"điểu@{domain}"]
    for each in ("mailboxes", "aliases", "lists", "senders", "relocated"):
        assert maps.ask_all(each, keys) == {}, each


def test_every_list_reaches_the_staff_below_its_body_and_nobody_else(
    province: Province, maps: Postfix
) -> None:
    answers = maps.ask_all("lists", province.lists)
    reached = {mail: set(answers.get(mail, "").split(",")) - {""} for mail in province.lists}
    of_staff = {mail: staff(province, body) for mail, body in province.lists.items()}
    if province.name == "cantho":
        of_staff[AGENCIES] = {each.mail for each in province.bodies if each.kind in ("org", "district")}
    assert reached == of_staff


def test_domains_are_the_provinces_those_of_its_bodies_and_those_that_stand_for_it(
    province: Province, maps: Postfix, expected: Expected
) -> None:
    of_bodies = {each.domain for each in province.bodies} - {""}
    assert bool(of_bodies) is (province.name == "daklak")
    mine = {province.domain, *expected.merged, *of_bodies}
    at = {each.partition("@")[2] for each in everybody(province)}
    foreign = {"example.org", "gov.vn", "vn", f"khongco.{province.domain}", "hoabinh.gov.vn"}

    assert maps.ask_all("domains", mine | at | foreign) == dict.fromkeys(mine, "known")
    assert maps.ask_all("outside", [f"ai@{each}" for each in mine | foreign]) == {
        f"ai@{each}": LOG_IN for each in mine
    }


def test_since_the_merger_an_address_receives_under_each_domain_that_stands_for_the_provinces(
    province: Province, maps: Postfix, expected: Expected
) -> None:
    known = {
        mail.partition("@")[0]: mail
        for mail, receives in everybody(province).items()
        if receives and mail.endswith(f"@{province.domain}")
    }
    for domain in expected.merged:
        under = {f"{local}@{domain}": mail for local, mail in known.items()}
        assert maps.ask_all("aliases", under) == under
        assert maps.ask_all("mailboxes", under) == {}
    (mail, body), *_ = province.lists.items()
    answer = maps.ask("lists", mail.replace(province.domain, expected.merged[0])) or ""
    assert set(answer.split(",")) - {""} == staff(province, body)


def test_a_shared_mailbox_is_for_its_owner_who_is_authorised_and_itself(
    province: Province, maps: Postfix
) -> None:
    assert len(province.shared) > 15
    answers = maps.ask_all("senders", province.shared)
    assert {mail: set(answers[mail].split(",")) for mail in province.shared} == {
        mail: {mail, *users} for mail, users in province.shared.items()
    }


def test_a_persons_address_is_for_that_person_while_it_may_send(
    province: Province, maps: Postfix, expected: Expected
) -> None:
    silent = {"suspended", "blocked", "revoked", "newpassword"}
    silent |= {uid for uid, may in expected.leavers.items() if may != "sends"}
    assert maps.ask_all("senders", [each.mail for each in province.people]) == {
        each.mail: each.mail for each in province.people if each.uid not in silent
    }


# -- the regulation, as Postfix hears it


def test_a_closed_mailbox_is_told_the_article_that_closed_it(province: Province, expected: Expected) -> None:
    def told(uid: str) -> tuple[str, str]:
        own = province.address(uid)
        reply = province.judged(login=own, sender=own, recipient=OUTSIDER)
        return reply[:9], place(reply)

    def cited(place: str) -> str:
        return place if place in (SYSTEM, DEFAULT) else f"{place}, {expected.document}"

    assert told("suspended") == ("550 5.7.1", cited(expected.suspended_place))
    assert told("blocked") == ("550 5.7.1", BY_HAND)
    assert told("newpassword") == ("550 5.7.1", cited(expected.must_change_place))
    for uid, may in expected.leavers.items():
        if may != "sends":
            assert told(uid) == ("550 5.7.1", cited(expected.leaver_place)), uid


def test_who_has_left_receives_and_sends_as_long_as_the_regulation_lets_them(
    province: Province, maps: Postfix, expected: Expected
) -> None:
    def may(uid: str) -> str:
        own = province.address(uid)
        if province.judged(login=own, sender=own, recipient=OUTSIDER) == "DUNNO":
            return "sends"
        return "nothing" if maps.ask("mailboxes", own) is None else "receives"

    assert {uid: may(uid) for uid in expected.leavers} == expected.leavers


def test_a_list_is_for_those_the_regulation_names(province: Province, expected: Expected) -> None:
    (mail,) = (each for each, body in province.lists.items() if body == province.agency.dn)
    owner, box = province.address("owner"), province.agency.mail

    def told(**message: object) -> str:
        reply = province.judged(recipient=mail, **message)
        return reply if reply == "DUNNO" else f"{reply[:9]} {place(reply).partition(', Quyet')[0]}"

    refused = f"550 5.7.1 {expected.list_place}"
    operator = province.address("operator")
    assert told(login=owner, sender=box) == "DUNNO"
    assert told(login=owner, sender=owner) == refused
    assert told(login=operator, sender=operator) == ("DUNNO" if expected.announces else refused)
    assert told(login=province.address("krang"), sender=province.address("krang")) == refused
    assert told(sender=OUTSIDER) == refused
    assert told(sender=box) == refused


def test_everybody_is_told_something_by_who_runs_the_system_alone(province: Province) -> None:
    everyone = f"internal@{province.domain}"
    if everyone not in province.lists:
        assert province.name != "daknong"
        return
    operator, box = province.address("operator"), province.agency.mail
    assert province.judged(login=operator, sender=operator, recipient=everyone) == "DUNNO"
    for sender in (province.address("krang"), box):
        assert province.judged(login=sender, sender=sender, recipient=everyone).startswith("550 5.7.1")


def test_who_may_send_as_the_agency_and_how_many_may_be_authorised(
    province: Province, maps: Postfix, expected: Expected
) -> None:
    box, dn = province.agency.mail, province.agency.dn
    for uid in ("owner", "delegate"):
        assert province.judged(login=province.address(uid), sender=box, recipient=OUTSIDER) == "DUNNO"
    krang = province.address("krang")
    reply = province.judged(login=krang, sender=box, recipient=OUTSIDER)
    assert (reply[:9], place(reply).partition(", Quyet")[0]) == ("550 5.7.1", expected.delegate_place)

    both = [province.dn(uid) for uid in ("delegate", "second")]
    if expected.delegates == 1:
        with pytest.raises(AssertionError, match="Điều 11 khoản 1"):
            province.change(dn, gdDelegate=both)
        return
    province.change(dn, gdDelegate=both)
    assert set(str(maps.ask("senders", box)).split(",")) == {
        box,
        *(province.address(uid) for uid in ("owner", "delegate", "second")),
    }
    province.change(dn, gdDelegate=both[:1])


def test_a_message_may_be_as_large_as_the_regulation_lets_it_and_not_an_octet_more(
    province: Province, expected: Expected
) -> None:
    own = province.address("krang")
    for message in ({"login": own, "sender": own}, {"sender": OUTSIDER}):
        for state in ("RCPT", "END-OF-MESSAGE"):
            told = {"state": state, "recipient": own, **message}
            assert province.judged(size=expected.largest, **told) == "DUNNO"
            reply = province.judged(size=expected.largest + 1, **told)
            assert (reply[:9], place(reply).partition(", Quyet")[0]) == ("552 5.3.4", expected.size_place)


# -- Dovecot


def test_dovecot_reads_every_kinds_quota(province: Province, dovecot: Dovecot, expected: Expected) -> None:
    kinds = {each.kind: each.mail for each in province.bodies} | {"person": province.address("krang")}
    assert kinds.keys() == expected.quotas.keys()
    for kind, mail in kinds.items():
        limit = expected.quotas[kind]
        rule = dovecot.doveadm("user", "-f", "quota_rule", mail).strip()
        assert rule == f"*:bytes={limit or 0}", kind
        storage = re.search(r"STORAGE +\d+ +(\S+)", dovecot.doveadm("quota", "get", "-u", mail))
        assert storage is not None, kind
        assert storage[1] == ("-" if limit is None else str(limit >> 10)), kind


def test_whose_mailbox_is_nearly_full_is_told_with_the_article_where_there_is_one(
    province: Province, dovecot: Dovecot
) -> None:
    letter = (dovecot.files / "etc/dovecot/govdir/quota-warning.sh").read_text("utf-8")
    article = " (Điều 7 khoản 2 điểm c, Quyết định 1956/QĐ-UBND)" if province.name == "binhphuoc" else ""
    assert f"Hộp thư $user đã dùng hơn $percent% dung lượng được cấp{article}.\n" in letter
    assert f"From: <postmaster@{province.domain}>\n" in letter


def test_dovecot_knows_everybody_who_receives_and_nobody_else(province: Province, dovecot: Dovecot) -> None:
    receiving = {mail for mail, receives in everybody(province).items() if receives}
    assert set(dovecot.doveadm("user", "*").split()) == receiving


# -- at the end, for nothing of it is undone


def test_a_renamed_persons_old_address_receives_and_once_it_is_over_tells_the_new_one(
    province: Province, maps: Postfix, expected: Expected
) -> None:
    old, new, dn = expected.renamed_from, province.address("renamed"), province.dn("renamed")
    assert (maps.ask("aliases", old), maps.ask("relocated", old)) == (new, None)
    province.change(dn, mailLocalAddress=[])
    assert (maps.ask("aliases", old), maps.ask("relocated", old)) == (None, new)
    with pytest.raises(AssertionError, match="đã được giữ lại"):
        province.change(province.dn("krang"), mailLocalAddress=old)
    province.change(dn, gdState="revoked")
    assert maps.ask("relocated", old) is None
