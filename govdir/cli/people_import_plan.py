"""What an agency's list comes to: each person's entry, address and step, refusals, and who shares a name."""

from __future__ import annotations

import os
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum

from msgspec import Struct, structs

from govdir.cli.language import current_language, say
from govdir.cli.loading import plan_load
from govdir.cli.local import LocalDirectory
from govdir.cli.people import PERSON_CLASSES, name_of, namesakes
from govdir.cli.people_import_bodies import Bodies, Body, UnknownBody
from govdir.cli.people_import_rows import Row
from govdir.cli.progress import watched
from govdir.directory import passwords
from govdir.directory.bulk import BulkPlan, LoadRefused, PlannedEntry
from govdir.directory.errors import DirectoryError, RuleViolation
from govdir.ldap.codec.ldif_records import ContentRecord
from govdir.mailattrs.folding import name_key
from govdir.mailattrs.ladder import Candidate, Subject, candidates, is_local_part
from govdir.mailattrs.names import InvalidName, PersonName, split
from govdir.mailattrs.places import Surroundings
from govdir.policy.kinds import MailboxKind
from govdir.policy.texts import Wording

_CHECKING = Wording("Đang kiểm tra", "Checking")
_TORN = Wording(
    "Dòng có nhiều ô hơn dòng tiêu đề: ô có chứa dấu phân cách phải đặt trong dấu nháy kép.",
    "There are more cells than in the header: a cell that holds the delimiter must stand in quotation marks.",
)
_PRESENT = Wording(
    "đã có hộp thư {mails} của {name} ở nơi này; nếu là người khác, hãy nhập riêng dòng này với --namesakes",
    "{name} has the mailbox {mails} in this body already; if this is somebody else, import this row alone "
    "with --namesakes",
)
_REPEATED = Wording(
    "giống hệt dòng {row}; nếu là hai người, hãy nhập riêng dòng này với --namesakes",
    "the same as row {row}; if they are two people, import this row alone with --namesakes",
)
_HASHING = Wording("Đang băm mật mã", "Hashing passwords")


class Fate(StrEnum):
    """What becomes of a row; the values are the words of --json."""

    NEW = "new"
    REFUSED = "refused"
    PRESENT = "present"
    REPEATED = "repeated"


class Problem(Struct, frozen=True):
    """Why a row gets no mailbox; `rule` is "" for what no rule of the regulation or the product says.

    A row whose `fate` is PRESENT or REPEATED is left out: its person seems to have a mailbox, or to get one.
    """

    text: str
    rule: str = ""
    citation: str = ""
    fate: Fate = Fate.REFUSED


class Namesakes(Struct, frozen=True):
    """Who has the same folded name: rows of the file, addresses of people in the same body, and elsewhere."""

    rows: tuple[int, ...] = ()
    in_body: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.rows or self.in_body or self.elsewhere)


class Planned(Struct, frozen=True):
    """One row and what it comes to; `form` is the step of the ladder that gives the address, if one does."""

    row: Row
    name: PersonName | None
    body: Body | None = None
    record: ContentRecord | None = None
    entry: PlannedEntry | None = None
    form: Candidate | None = None
    problem: Problem | None = None
    namesakes: Namesakes = Namesakes()

    @property
    def fate(self) -> Fate:
        """What becomes of the row."""
        return Fate.NEW if self.problem is None else self.problem.fate

    @property
    def address(self) -> str:
        """The primary one; "" for a row that gets no mailbox."""
        return "" if self.entry is None else next(iter(self.entry.addresses), "")


class _Known(Struct, frozen=True):
    """Somebody who is in the directory already."""

    place: tuple[str, ...]
    mail: str
    name: str


class PeoplePlan:
    """The rows of one list, planned in the order in which they choose; `planned` is in that of the file.

    Unless `take_namesakes`, rows are left out whose folded name somebody in the same body has, and those that
    say of their person what an earlier row says.
    """

    def __init__(
        self, local: LocalDirectory, bodies: Bodies, rows: Sequence[Row], *, take_namesakes: bool = False
    ) -> None:
        self._local = local
        self._pack = local.core.pack
        self._bodies = bodies
        self._take_namesakes = take_namesakes
        self._known: dict[str, tuple[_Known, ...]] = {}
        self._said: dict[tuple[object, ...], int] = {}
        self.bulk = BulkPlan(local.directory, keep_hashes=True)
        planned = {row.number: self._plan(row) for row in watched(self._in_turn(rows), say(_CHECKING))}
        self._finish(planned)
        self.planned = self._with_namesakes([planned[row.number] for row in rows])

    @property
    def refused(self) -> list[Planned]:
        """The rows that cannot be imported."""
        return [each for each in self.planned if each.fate is Fate.REFUSED]

    @property
    def accepted(self) -> list[Planned]:
        """Those that get a mailbox, in the order of the file."""
        return [each for each in self.planned if each.fate is Fate.NEW]

    @property
    def left(self) -> list[Planned]:
        """Those that get none: refused ones, and those left out."""
        return [each for each in self.planned if each.fate is not Fate.NEW]

    def _in_turn(self, rows: Sequence[Row]) -> list[Row]:
        """Who chooses first: the higher post where the regulation says so, else the earlier row."""
        ranks = self._pack.ranks
        if ranks.priority is None:
            return list(rows)
        return sorted(rows, key=lambda row: ranks.precedence(row.title))

    def _plan(self, row: Row) -> Planned:
        name = _name(row)
        if row.torn:
            return Planned(row, name, problem=Problem(say(_TORN), "row"))
        try:
            body = self._bodies.find(row.unit) if row.unit else self._heading_body(row)
        except UnknownBody as error:
            text = error.why.in_language(current_language())
            return Planned(row, name, problem=Problem(text, UnknownBody.rule))
        twin = None if name is None or self._take_namesakes else self._twin(row, name, body)
        if twin is not None:
            return Planned(row, name, body, problem=twin)
        record = self._record(row, name, body)
        try:
            entry = self.bulk.plan_one(record)
        except DirectoryError as error:
            return Planned(row, name, body, record, problem=_problem(error))
        return Planned(row, name, body, record, entry, self._form(row, name, body, entry))

    def _twin(self, row: Row, name: PersonName, body: Body) -> Problem | None:
        """Who the person of a row seems to be already: somebody in the body, or of an earlier row."""
        there = [each for each in self._people_named(name.key) if each.place == body.path]
        if there:
            mails = ", ".join(each.mail for each in there)
            return Problem(say(_PRESENT, mails=mails, name=there[0].name), fate=Fate.PRESENT)
        written = unicodedata.normalize("NFC", name.written).lower()
        details = (name_key(row.title), row.rank, row.kind, row.telephone, row.address.lower())
        first = self._said.setdefault((written, body.path, *details), row.number)
        if first == row.number:
            return None
        return Problem(say(_REPEATED, row=first), fate=Fate.REPEATED)

    def _heading_body(self, row: Row) -> Body:
        """A group's heading may name the unit; one that does not leaves it to the body of the whole list."""
        if row.heading:
            try:
                return self._bodies.find(row.heading)
            except UnknownBody:
                pass
        return self._bodies.find("")

    def _record(self, row: Row, name: PersonName | None, body: Body) -> ContentRecord:
        """The entry as a client would add it: what follows from name and place is left to the rules."""
        given: list[tuple[str, str]] = [("objectClass", each) for each in PERSON_CLASSES]
        if name is None:
            given += [("cn", row.written), ("sn", row.surname or "")]
        else:
            given += [("cn", name.written), ("sn", name.surname or name.written)]
            given += [("gdMiddleName", name.middle), ("givenName", name.given)]
        given += [("title", row.title), ("telephoneNumber", row.telephone)]
        given += [("mail", self._address(row.address))]
        if row.rank is not None:
            given.append(("gdRankClass", row.rank.value))
        if row.kind is not None:
            given.append(("gdMailboxKind", row.kind.value))
        attributes = [(attribute, text.encode()) for attribute, text in given if text]
        return ContentRecord(row.number, f"uid=*,{body.dn}", attributes)

    def _address(self, text: str) -> str:
        """The address of the list, if it is one of this mail system; people's private ones are not kept."""
        for word in text.replace(",", " ").replace(";", " ").lower().split():
            local, at, domain = word.partition("@")
            if at and self._pack.has_domain(domain):
                return word
            if not at and is_local_part(local):
                return f"{local}@{self._pack.domain}"
        return ""

    def _form(self, row: Row, name: PersonName | None, body: Body, entry: PlannedEntry) -> Candidate | None:
        rules = self._pack.mailbox(row.kind or MailboxKind.PERSON)
        if rules is None or name is None:
            return None
        around = Surroundings.of(body.attributes())
        subject = Subject(rules, name.fields(around.fields(self._pack.domain)), around.place)
        try:
            forms = candidates(self._pack, subject)
            return next((each for each in forms if each.address in entry.addresses), None)
        except InvalidName:
            return None

    def _finish(self, planned: dict[int, Planned]) -> None:
        """Checks that wait for the end of a load; what they refuse makes the whole plan unusable."""
        try:
            self.bulk.take(())
        except LoadRefused as error:
            for each in error.refusals:
                planned[each.line] = structs.replace(
                    planned[each.line], entry=None, form=None, problem=_problem(each.error)
                )

    def _with_namesakes(self, planned: Sequence[Planned]) -> list[Planned]:
        rows: dict[str, list[int]] = defaultdict(list)
        for each in planned:
            if each.name is not None:
                rows[each.name.key].append(each.row.number)
        found = []
        for each in planned:
            if each.name is None:
                found.append(each)
                continue
            known = self._people_named(each.name.key)
            place = None if each.body is None else each.body.path
            in_body = tuple(one.mail for one in known if one.place == place)
            elsewhere = tuple(one.mail for one in known if one.place != place)
            others = tuple(number for number in rows[each.name.key] if number != each.row.number)
            same = Namesakes(others, in_body, elsewhere)
            found.append(structs.replace(each, namesakes=same))
        return found

    def _people_named(self, key: str) -> tuple[_Known, ...]:
        """Those who are there already, wherever they are."""
        if key not in self._known:
            path_of = self._local.directory.path_of
            self._known[key] = tuple(
                _Known((path_of(one.dn) or ())[:-1], one.called, name_of(one.attributes))
                for one in namesakes(self._local, key)
            )
        return self._known[key]

    def with_passwords(self) -> tuple[BulkPlan, list[tuple[Planned, str]]]:
        """The accepted rows anew, each with a generated one-time password, and who gets which.

        Raises LoadRefused.
        """
        rules = self._local.directory.password_rules
        accepted = [each for each in self.accepted if each.entry is not None and each.record is not None]
        chosen = [
            (each, rules.generate(each.entry.shape.attributes(each.entry.body)))
            for each in accepted
            if each.entry is not None
        ]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            hashes = pool.map(lambda one: passwords.hash_password(one[1].encode()), chosen)
            records = {
                each.row.number: _with_password(each.record, stored)
                for (each, _), stored in watched(zip(chosen, hashes, strict=True), say(_HASHING))
                if each.record is not None
            }
        turn = self._in_turn([each.row for each in accepted])
        plan = plan_load(self._local, [records[row.number] for row in turn], keep_hashes=True)
        return plan, chosen


def _name(row: Row) -> PersonName | None:
    try:
        return split(row.written, surname=row.surname, middle=row.middle, given=row.given)
    except InvalidName:
        return None


def _with_password(record: ContentRecord, stored: bytes) -> ContentRecord:
    """A hash, for speed; that it must be changed is then said here."""
    more = [("userPassword", stored), ("pwdReset", b"TRUE")]
    return ContentRecord(record.line, record.dn, record.attributes + more)


def _problem(error: DirectoryError) -> Problem:
    text = error.diagnostic or type(error).__name__
    if isinstance(error, RuleViolation):
        return Problem(text, error.rule, error.citation)
    return Problem(text)
