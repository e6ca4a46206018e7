"""The sample and the examples in ldif/ load, and the regulation makes of them what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from govdir.ldap.codec.ldif import ContentRecord, parse_ldif
from tests.cli.command_line import govdir


def loaded(home: Path, province: str, people: int) -> dict[str, str]:
    """The addresses of a new home with the sample, by DN."""
    made = govdir("init", home, "--province", province, "--sample", people)
    assert made.exit_code == 0, made.stderr
    records = parse_ldif([govdir("export", home).stdout_bytes])
    entries = {each.dn: dict(each.attributes) for each in records if isinstance(each, ContentRecord)}
    return {dn: values["mail"].decode() for dn, values in entries.items() if "mail" in values}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return loaded(tmp_path_factory.mktemp("sample") / "home", "cantho", 60)


@pytest.mark.parametrize(
    ("place", "mail"),
    [
        ("ou=sonv", "sonv"),
        ("ou=songoaivu", "songoaivu"),
        ("ou=sotttt", "sotttt"),
        ("ou=vanphong,ou=sokhdt", "vanphong.sokhdt"),
        ("ou=vanphong,ou=ninhkieu", "vpubndninhkieu"),
        ("ou=thanhan,ou=vinhthanh", "thanhan"),
        ("ou=xathanhan,ou=vinhthanh", "xathanhan"),
        ("uid=nvminh,ou=phongcntt,ou=sotttt", "nvminh"),
        ("uid=nvanminh,ou=vanphong,ou=sokhdt", "nvanminh"),
        ("uid=nguyenvanminh,ou=vanphong,ou=ninhkieu", "nguyenvanminh"),
    ],
)
def test_the_examples_of_the_regulation_have_their_addresses(
    sample: dict[str, str], place: str, mail: str
) -> None:
    assert sample[f"{place},ou=orgs,dc=cantho,dc=gov,dc=vn"] == f"{mail}@cantho.gov.vn"


def test_everybody_has_an_address_of_their_own(sample: dict[str, str]) -> None:
    assert sum(dn.startswith("uid=") for dn in sample) == 60
    assert len(set(sample.values())) == len(sample) == 430


REGISTERED = {
    "daklak": {
        "uid=namtv,ou=vpubnd": "namtv@vpubnd.daklak.gov.vn",
        "uid=namtva,ou=phonghcth,ou=vpubnd": "namtva@vpubnd.daklak.gov.vn",
        "uid=namtv,ou=phongcntt,ou=sttt": "namtv@tttt.daklak.gov.vn",
        "uid=blornky,ou=bdt": "blornky@bdt.daklak.gov.vn",
        "uid=nghiaeh,ou=cukuin": "nghiaeh@cukuin.daklak.gov.vn",
        "ou=sttt": "sttt@daklak.gov.vn",
        "ou=thanhnhat,ou=buonmathuot": "thanhnhat@buonmathuot.daklak.gov.vn",
    },
    "vinhphuc": {
        "uid=hantt,ou=vp,ou=snv": "hantt@vinhphuc.gov.vn",
        "uid=hantt1,ou=pnv,ou=vy": "hantt1@vinhphuc.gov.vn",
        "uid=hantt2,ou=ptp,ou=tdao": "hantt2@vinhphuc.gov.vn",
        "uid=namt,ou=tthttt,ou=stttt": "namt@vinhphuc.gov.vn",
        "ou=tthttt,ou=stttt": "tthttt@vinhphuc.gov.vn",
    },
    "daknong": {
        "uid=namtv.stttt,ou=ttcntttt,ou=stttt": "namtv.stttt@daknong.gov.vn",
        "uid=namtva.stttt,ou=pcntt,ou=stttt": "namtva.stttt@daknong.gov.vn",
        "uid=phuongdt.pnv.cujut,ou=pnv,ou=cujut": "phuongdt.pnv.cujut@daknong.gov.vn",
    },
    "binhphuoc": {
        "uid=thanhtv.stttt,ou=ttcntttt,ou=stttt": "thanhtv.stttt@binhphuoc.gov.vn",
        "uid=thanhtv2.stttt,ou=phongcntt,ou=stttt": "thanhtv2.stttt@binhphuoc.gov.vn",
        "ou=phongnv,ou=tpdx": "phongnv.tpdx@binhphuoc.gov.vn",
        "uid=phongnv2.tpdx,ou=tpdx": "phongnv2.tpdx@binhphuoc.gov.vn",
        "uid=knamd.xmh.bda,ou=xmh,ou=bda": "knamd.xmh.bda@binhphuoc.gov.vn",
    },
}


@pytest.mark.parametrize("province", REGISTERED)
def test_the_other_provinces_samples_load_and_their_examples_are_right(province: str, tmp_path: Path) -> None:
    mails = loaded(tmp_path / "home", province, 500)

    for place, mail in REGISTERED[province].items():
        assert mails[f"{place},ou=orgs,dc={province},dc=gov,dc=vn"] == mail
    assert len(set(mails.values())) == len(mails)
    assert sum(dn.startswith("uid=") for dn in mails) == 500


def test_the_lists_of_a_whole_staff_are_named_by_the_regulation(tmp_path: Path) -> None:
    mails = loaded(tmp_path / "home", "daknong", 20)

    assert mails["cn=internal,ou=lists,dc=daknong,dc=gov,dc=vn"] == "internal@daknong.gov.vn"
    assert mails["cn=internal.stttt,ou=lists,dc=daknong,dc=gov,dc=vn"] == "internal.stttt@daknong.gov.vn"
