"""Sample data, by way of the same rules as everything else."""

from __future__ import annotations

from govdir.cli.language import say
from govdir.cli.loading import plan_load, write_plan
from govdir.cli.local import LocalDirectory
from govdir.cli.outcome import Refused
from govdir.cli.progress import watched
from govdir.directory.bulk import LoadRefused
from govdir.ldap.codec.ldif_records import ContentRecord
from govdir.policy.texts import Wording
from govdir.sample.content import SampleEntry
from govdir.sample.generate import generate
from govdir.sample.names import TooManyPeople
from govdir.sample.province import UnknownProvince, load_province

_NO_SAMPLE = Wording(
    "không có dữ liệu mẫu cho {province}; có cho: {known}",
    "there is no sample data for {province}; there is for: {known}",
)
_TOO_MANY = Wording("không đủ họ tên mẫu: {reason}", "the sample does not hold so many people: {reason}")
_ADDING = Wording("Đang thêm dữ liệu mẫu", "Adding sample data")


def check_sample(province: str) -> None:
    """Raises Refused unless there is sample data for this province."""
    try:
        load_province(province)
    except UnknownProvince as error:
        raise Refused(say(_NO_SAMPLE, province=province, known=", ".join(error.known))) from None


def fill(local: LocalDirectory, people: int) -> int:
    """Loads the province's bodies and so many people; how many entries that are.

    Raises Refused when the sample does not hold so many, RuleViolation never with the shipped packs.
    """
    config = local.core.config
    entries = generate(config.province, people, suffix=config.suffix, pack=local.core.pack)
    records = (_record(number, entry) for number, entry in enumerate(watched(entries, say(_ADDING)), start=1))
    try:
        count = write_plan(local, plan_load(local, records))
    except TooManyPeople as error:
        raise Refused(say(_TOO_MANY, reason=error)) from None
    except LoadRefused as error:
        raise error.refusals[0].error from None
    local.run(local.directory.catch_up())
    return count


def _record(number: int, entry: SampleEntry) -> ContentRecord:
    return ContentRecord(number, entry.dn, [(name, value.encode()) for name, value in entry.attributes])
