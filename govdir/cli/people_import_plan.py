"""What an agency's list comes to: each person's entry, address and step, refusals, and who shares a name."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from msgspec import Struct, structs

from govdir.cli.language import current_language, say
from govdir.cli.loading import plan_load
from govdir.cli.local import LocalDirectory
from govdir.cli.people_import_bodies import Bodies, Body, UnknownBody
from govdir.cli.people_import_rows import Row
from govdir.cli.progress import watched
from govdir.directory import passwords
from govdir.directory.bulk import BulkPlan, LoadRefused, PlannedEntry
from govdir.directory.errors import DirectoryError, RuleViolation
from govdir.ldap.codec.filter_text import escape_value
from govdir.ldap.codec.ldif_records import ContentRecord
from govdir.mailattrs.ladder import Candidate, Subject, candidates, is_local_part
from govdir.mailattrs.names import InvalidName, PersonName, split
from govdir.mailattrs.places import Surroundings
from govdir.policy.kinds import MailboxKind
from govdir.policy.texts import Wording

_CLASSES: Final = ("inetOrgPerson", "gdPerson", "gdMailbox")
_CHECKING = Wording("Đang kiểm tra", "Checking")
_TORN = Wording(
    "Dòng có nhiều ô hơn dòng tiêu đề: ô có chứa dấu phân cách phải đặt trong dấu nháy kép.",
    "There are more cells than in the header: a cell that holds the delimiter must stand in quotation marks.",
)
_HASHING = Wording("Đang băm mật mã", "Hashing passwords")


class Problem(Struct, frozen=True):
    """Why a row is refused; `rule` is "" for what no rule of the regulation or the product says."""

    text: str
    rule: str = ""
    citation: str = ""


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
    def address(self) -> str:
        """The primary one; "" for a row that is refused."""
        return "" if self.entry is None else next(iter(self.entry.addresses), "")


class PeoplePlan:
    """The rows of one list, planned in the order in which they choose; `planned` is in that of the file."""

    def __init__(self, local: LocalDirectory, bodies: Bodies, rows: Sequence[Row]) -> None:
        self._local = local
        self._pack = local.core.pack
        self._bodies = bodies
        self.bulk = BulkPlan(local.directory, keep_hashes=True)
        planned = {row.number: self._plan(row) for row in watched(self._in_turn(rows), say(_CHECKING))}
        self._finish(planned)
        self.planned = self._with_namesakes([planned[row.number] for row in rows])

    @property
    def refused(self) -> list[Planned]:
        """The rows that cannot be imported."""
        return [each for each in self.planned if each.problem is not None]

    @property
    def accepted(self) -> list[Planned]:
        """The others, in the order of the file."""
        return [each for each in self.planned if each.problem is None]

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
        record = self._record(row, name, body)
        try:
            entry = self.bulk.plan_one(record)
        except DirectoryError as error:
            return Planned(row, name, body, record, problem=_problem(error))
        return Planned(row, name, body, record, entry, self._form(row, name, body, entry))

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
        given: list[tuple[str, str]] = [("objectClass", each) for each in _CLASSES]
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
            in_body, elsewhere = self._people_named(each.name.key, each.body)
            others = tuple(number for number in rows[each.name.key] if number != each.row.number)
            namesakes = Namesakes(others, in_body, elsewhere)
            found.append(structs.replace(each, namesakes=namesakes))
        return found

    def _people_named(self, key: str, body: Body | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Addresses of the people who are there already, in the body and elsewhere."""
        in_body: list[str] = []
        elsewhere: list[str] = []
        for dn in self._local.find(f"(&(objectClass=gdPerson)(gdNameKey={escape_value(key)}))"):
            path = self._local.directory.path_of(dn) or ()
            mail = self._local.handle.read(dn).text("mail") or dn
            (in_body if body is not None and path[:-1] == body.path else elsewhere).append(mail)
        return tuple(in_body), tuple(elsewhere)

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
