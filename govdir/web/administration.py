"""/administration/passwords: helping people who cannot sign in, as far as the access rules let somebody."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from govdir.directory.handle import Handle
from govdir.directory.ports import Clock
from govdir.directory.service import Directory
from govdir.policy.texts import Language, Wording
from govdir.sso.accounts import Accounts
from govdir.sso.sign_in.engine import SignIn
from govdir.sso.sign_in.helpdesk import Helpdesk, HelpRefused, Issued
from govdir.sso.sign_in.self_service import Owner, SelfService
from govdir.web import administration_texts as texts
from govdir.web.account_frame import ADMINISTRATION, Frame, Problem
from govdir.web.administration_people import Found, People, Person
from govdir.web.asked import Asked
from govdir.web.door import Door
from govdir.web.reply import Reply, redirect
from govdir.web.router import Route
from govdir.web.trouble import Trouble

_LATIN_UPPER: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_NOBODY_FOUND: Final = Found((), more=False)


class AdministrationPages:
    """The pages."""

    def __init__(
        self,
        *,
        frame: Frame,
        door: Door,
        people: People,
        sign_in: SignIn,
        helpdesk: Helpdesk,
        service: SelfService,
        accounts: Accounts,
        clock: Clock,
    ) -> None:
        self._frame = frame
        self._door = door
        self._people = people
        self._sign_in = sign_in
        self._helpdesk = helpdesk
        self._service = service
        self._accounts = accounts
        self._clock = clock

    @property
    def _directory(self) -> Directory:
        return self._frame.directory

    def routes(self) -> tuple[Route, ...]:
        """All for those who are signed in."""
        signed_in = self._door.signed_in
        return (
            Route("GET", ADMINISTRATION, signed_in(self.show)),
            Route("POST", ADMINISTRATION, signed_in(self.act)),
        )

    async def show(self, asked: Asked, owner: Owner) -> Reply:
        """The search, its result, or one person."""
        handle = self._handle(owner)
        query = asked.query
        if "person" in query:
            person = self._people.get(handle, query["person"])
            if person is None:
                return self._not_yours(asked, owner)
            if not self._helpdesk.is_proved(owner):
                return await self._prove_again(asked, owner, person)
            return await self._person(asked, owner, person)
        text = query.get("find", "").strip()
        found = await self._people.find(handle, text) if text else _NOBODY_FOUND
        return self._search(asked, owner, text, found)

    async def act(self, asked: Asked, owner: Owner) -> Reply:
        """A button of a person's page: `do` says which."""
        handle = self._handle(owner)
        form = asked.form
        person = self._people.get(handle, form.get("person", ""))
        if person is None:
            return self._not_yours(asked, owner)
        if not self._helpdesk.is_proved(owner):
            return await self._prove_again(asked, owner, person)
        what = form.get("do", "")
        problem = self._objection(
            asked.language, form.get("checked", ""), form.get("version", ""), person, what
        )
        if problem is not None:
            return await self._person(asked, owner, person, problem=problem)
        match what:
            case "issue":
                return await self._issue(asked, owner, person)
            case "sessions":
                return await self._end_sessions(asked, owner, person)
            case "factor":
                return await self._remove_factor(asked, owner, person)
        return await self._person(asked, owner, person)

    # -- what the buttons do -------------------------------------------------------------------------------

    async def _issue(self, asked: Asked, owner: Owner, person: Person) -> Reply:
        outcome = await self._helpdesk.one_time_password(owner, person.entry_uuid)
        if isinstance(outcome, HelpRefused):
            return await self._refused(asked, owner, person, outcome)
        return self._frame.page(
            asked,
            owner,
            "administration/issued.html",
            ADMINISTRATION,
            b=texts,
            here=_path_of(person),
            person=person,
            issued=outcome,
            spelled=spelled(outcome, asked.language),
            made=self._clock.now(),
            scripted=True,
        )

    async def _end_sessions(self, asked: Asked, owner: Owner, person: Person) -> Reply:
        outcome = await self._helpdesk.end_sessions(owner, person.entry_uuid)
        if isinstance(outcome, HelpRefused):
            return await self._refused(asked, owner, person, outcome)
        told = texts.SESSIONS_ENDED.render(asked.language, name=person.facts.called, count=outcome)
        return await self._person(asked, owner, person, told=told)

    async def _remove_factor(self, asked: Asked, owner: Owner, person: Person) -> Reply:
        outcome = await self._helpdesk.remove_factor(owner, person.entry_uuid)
        if isinstance(outcome, HelpRefused):
            return await self._refused(asked, owner, person, outcome)
        wording = texts.FACTOR_REMOVED if outcome else texts.FACTOR_NONE
        told = wording.render(asked.language, name=person.facts.called)
        return await self._person(asked, owner, person, told=told)

    async def _refused(self, asked: Asked, owner: Owner, person: Person, why: HelpRefused) -> Reply:
        match why:
            case HelpRefused.NOT_ALLOWED:
                return self._not_yours(asked, owner)
            case HelpRefused.PROVE_AGAIN:
                return await self._prove_again(asked, owner, person)
            case HelpRefused.OWN:
                text = texts.YOURSELF.in_language(asked.language)
            case HelpRefused.NO_SIGN_IN:
                text = texts.NO_SIGN_IN.in_language(asked.language)
        return await self._person(asked, owner, person, problem=Problem(text))

    @staticmethod
    def _objection(
        language: Language, checked: str, version: str, person: Person, what: str
    ) -> Problem | None:
        """Why a button does nothing yet: who asks was not checked, or the page is from before another change,
        as when it is sent again by a reload."""
        if version != str(person.version):
            return Problem(texts.STALE.in_language(language))
        if what in ("issue", "factor") and not checked:
            return Problem(texts.CHECK_FIRST.in_language(language), f"checked-{what}")
        return None

    async def _prove_again(self, asked: Asked, owner: Owner, person: Person) -> Reply:
        """By the sign-in page, all factors anew, and back to the person's; nothing was done."""
        flow = await self._sign_in.begin(_path_of(person), force=owner.session, visit=asked.visit)
        return redirect(f"/sign-in?{urlencode({'flow': flow.id})}")

    # -- pages ---------------------------------------------------------------------------------------------

    def _handle(self, owner: Owner) -> Handle:
        """Raises Trouble for who administers nobody."""
        if not self._frame.helps_others(owner.account):
            raise Trouble(403, texts.NOT_FOR_YOU_TITLE, texts.NOT_FOR_YOU, again="/account")
        return self._frame.handle(owner.account)

    def _search(self, asked: Asked, owner: Owner, text: str, found: Found, *problems: Problem) -> Reply:
        status = 403 if problems else 200
        return self._frame.page(
            asked,
            owner,
            "administration/people.html",
            ADMINISTRATION,
            problems=problems,
            status=status,
            b=texts,
            text=text,
            found=found,
        )

    def _not_yours(self, asked: Asked, owner: Owner) -> Reply:
        problem = Problem(texts.NOT_YOURS.in_language(asked.language))
        return self._search(asked, owner, "", _NOBODY_FOUND, problem)

    async def _person(
        self, asked: Asked, owner: Owner, person: Person, *, told: str = "", problem: Problem | None = None
    ) -> Reply:
        account = self._accounts.by_uuid(person.entry_uuid)
        if account is None:
            return self._not_yours(asked, owner)
        return self._frame.page(
            asked,
            owner,
            "administration/person.html",
            ADMINISTRATION,
            b=texts,
            problems=() if problem is None else (problem,),
            person=person,
            here=_path_of(person),
            state=person.facts.state_in(asked.language),
            last_sign_in=await self._last_use(person.record.id),
            sessions=len(await self._service.sessions(account)),
            factor=await self._service.factor(account),
            told=told,
        )

    async def _last_use(self, entry_id: int) -> datetime | None:
        """By whatever channel, at whichever process."""
        known = self._directory.logins.last_success(entry_id)
        moments = (await self._directory.accesses.last(entry_id)).values()
        return max((*moments, *(() if known is None else (known,))), default=None)


def spelled(issued: Issued, language: Language) -> tuple[str, ...]:
    """A password character by character, to be read out: "capital K", "digit 7", "sign #"."""
    return tuple(_spelled(character).render(language, letter=character) for character in issued.password)


def _spelled(character: str) -> Wording:
    if character.isdigit():
        return texts.LETTER_DIGIT
    if character in _LATIN_UPPER:
        return texts.LETTER_UPPER
    return texts.LETTER_LOWER if character.isalpha() else texts.LETTER_SIGN


def _path_of(person: Person) -> str:
    return f"{ADMINISTRATION}?{urlencode({'person': person.entry_uuid})}"
