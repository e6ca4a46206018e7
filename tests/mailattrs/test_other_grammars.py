"""The worked cases of the four other regulations, by their numbers: a province is data."""

from __future__ import annotations

import pytest

from govdir.mailattrs.addresses import Proposal, propose_address
from govdir.mailattrs.rules import MailRules
from govdir.policy.model import MailboxKind, Pack
from tests.mailattrs.entries import OFFICER, Around, agency, person
from tests.policy.grammars import BINHPHUOC, DAKLAK, DAKNONG, VINHPHUC

PERSON, LEADER, UNIT = MailboxKind.PERSON, MailboxKind.LEADER, MailboxKind.UNIT
AGENCY, DISTRICT, COMMUNE = MailboxKind.AGENCY, MailboxKind.DISTRICT, MailboxKind.COMMUNE
NAM, HA, THANH = "Trần Văn Nam", "Nguyễn Thị Thu Hà", "Trần Văn Thanh"


@pytest.mark.parametrize(
    ("case", "pack", "kind", "name", "parent", "taken", "address"),
    [
        (1, DAKLAK, PERSON, NAM, "vpubnd", (), "namtv@vpubnd.daklak.gov.vn"),
        (2, DAKLAK, PERSON, NAM, "vpubnd", ("namtv@vpubnd.daklak.gov.vn",), "namtva@vpubnd.daklak.gov.vn"),
        (4, DAKLAK, PERSON, NAM, "tttt", ("namtv@vpubnd.daklak.gov.vn",), "namtv@tttt.daklak.gov.vn"),
        (5, DAKLAK, LEADER, "Hoàng Trọng Hải", None, (), "hoangtronghai@daklak.gov.vn"),
        (
            6,
            DAKLAK,
            COMMUNE,
            "UBND phường Thành Nhất",
            "buonmathuot",
            (),
            "thanhnhat@buonmathuot.daklak.gov.vn",
        ),
        (9, DAKLAK, PERSON, "Y Ngông Niê Kđăm", "bdt", (), "ngongnky@bdt.daklak.gov.vn"),
        (10, DAKLAK, PERSON, "H’Nghia Êban", "cukuin", (), "nghiaeh@cukuin.daklak.gov.vn"),
        (12, VINHPHUC, PERSON, HA, None, (), "hantt@vinhphuc.gov.vn"),
        (13, VINHPHUC, PERSON, HA, None, ("hantt",), "hantt1@vinhphuc.gov.vn"),
        (13, VINHPHUC, PERSON, HA, None, ("hantt", "hantt1"), "hantt2@vinhphuc.gov.vn"),
        (16, VINHPHUC, PERSON, "Trần Nam", None, (), "namt@vinhphuc.gov.vn"),
        (19, VINHPHUC, AGENCY, "Trung tâm Hạ tầng thông tin", None, (), "tthttt@vinhphuc.gov.vn"),
        (30, DAKNONG, PERSON, NAM, "stttt", (), "namtv.stttt@daknong.gov.vn"),
        (30, DAKNONG, PERSON, NAM, "stttt", ("namtv.stttt",), "namtva.stttt@daknong.gov.vn"),
        (32, DAKNONG, PERSON, "Đặng Thị Phương", "pnv.cujut", (), "phuongdt.pnv.cujut@daknong.gov.vn"),
        (35, DAKNONG, MailboxKind.LIST, "Toàn Sở", "stttt", (), "internal.stttt@daknong.gov.vn"),
        (36, BINHPHUOC, PERSON, THANH, "stttt", (), "thanhtv.stttt@binhphuoc.gov.vn"),
        (36, BINHPHUOC, PERSON, THANH, "stttt", ("thanhtv.stttt",), "thanhtv2.stttt@binhphuoc.gov.vn"),
        (37, BINHPHUOC, PERSON, "Nguyễn Văn Phong", "tpdx", (), "phongnv.tpdx@binhphuoc.gov.vn"),
        (37, BINHPHUOC, UNIT, "Phòng Nội vụ", "tpdx", ("phongnv.tpdx",), "pnv.tpdx@binhphuoc.gov.vn"),
        (37, BINHPHUOC, DISTRICT, "UBND thành phố Đồng Xoài", None, (), "tpdx@binhphuoc.gov.vn"),
        (39, BINHPHUOC, COMMUNE, "UBND xã Minh Hưng", "bda", (), "xmh.bda@binhphuoc.gov.vn"),
    ],
)
def test_case(
    *,
    case: int,
    pack: Pack,
    kind: MailboxKind,
    name: str,
    parent: str | None,
    taken: tuple[str, ...],
    address: str,
) -> None:
    outcome = propose_address(pack, kind, name, parent, taken)

    assert isinstance(outcome, Proposal), case
    assert outcome.address == address, case


def test_case_32_an_entry_below_a_unit_takes_the_units_whole_label() -> None:
    district = agency("cujut", "UBND huyện Cư Jút", gdMailboxKind="district", mail="cujut@daknong.gov.vn")
    unit = agency("pnv", "Phòng Nội vụ", gdMailboxKind="unit", mail="pnv.cujut@daknong.gov.vn")
    added = person("Đặng Thị Phương")

    MailRules(DAKNONG).complete_add(added, Around(above=(unit, district)), OFFICER)

    assert added.text("mail") == "phuongdt.pnv.cujut@daknong.gov.vn"
