"""/account/password: choosing another password, its rules judged while it is typed where scripts run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct

from govdir.policy.model import Pack
from govdir.policy.texts import Language, Wording
from govdir.sso.pace import Pace
from govdir.sso.sign_in.self_service import Owner, Refusal, Renewed, SelfService
from govdir.sso.sign_in.steps import PasswordList, PasswordProblem, Throttled
from govdir.web import account_texts as texts
from govdir.web.account_facts import password_age
from govdir.web.account_frame import PASSWORD, Frame, Problem
from govdir.web.asked import Asked
from govdir.web.door import Door, under_new_token
from govdir.web.form_tokens import form_token
from govdir.web.reply import Reply, json_reply
from govdir.web.router import Route

CHECK: Final = f"{PASSWORD}/check"

CHECK_BURST: Final = 20
CHECK_SECONDS: Final = 0.5
"""Somebody who types has it judged some two times a second, half a millisecond each: more is no typing."""

MAX_CANDIDATE: Final = 256
"""Characters; longer ones are too long by any rule, and judging takes longer with length."""


class RuleLine(Struct, frozen=True):
    """One rule of the list: `state` is "open" before anything was judged, then "passed" or "broken"."""

    name: str
    text: Wording
    place: str
    state: str


class PasswordPages:
    """The page, and what its script asks."""

    def __init__(
        self,
        *,
        frame: Frame,
        door: Door,
        service: SelfService,
        pack: Pack,
        pace: Pace,
        sends_mail: bool,
    ) -> None:
        self._frame = frame
        self._door = door
        self._service = service
        self._pack = pack
        self._pace = pace
        self._sends_mail = sends_mail

    def routes(self) -> tuple[Route, ...]:
        """All for those who are signed in."""
        signed_in = self._door.signed_in
        return (
            Route("GET", PASSWORD, signed_in(self.show)),
            Route("POST", PASSWORD, signed_in(self.change)),
            Route("POST", CHECK, self.check),
        )

    async def show(self, asked: Asked, owner: Owner) -> Reply:
        """The empty form, with the rules."""
        return self._form(asked, owner, self._service.rules(owner.account))

    async def change(self, asked: Asked, owner: Owner) -> Reply:
        """The form was sent."""
        form = asked.form
        current, new, repeated = (form.get(name, "") for name in ("current", "new", "repeated"))
        missing = tuple(_missing(asked.language, current, new))
        if missing:
            return self._form(asked, owner, self._service.rules(owner.account, new), missing)
        outcome = await self._service.change_password(owner, current, new, repeated)
        match outcome:
            case Renewed():
                return self._changed(asked, owner, outcome)
            case PasswordList():
                return self._form(asked, owner, outcome, tuple(_problems(asked.language, outcome)))
            case Throttled():
                slow = texts.SLOW_DOWN.render(asked.language, seconds=outcome.seconds)
                rules = self._service.rules(owner.account, new)
                return self._form(asked, owner, rules, (Problem(slow, "current"),), status=429)
            case Refusal():
                rules = self._service.rules(owner.account, new)
                return self._form(asked, owner, rules, (refusal_problem(asked.language, outcome, "current"),))

    async def check(self, asked: Asked) -> Reply:
        """The rules as they judge a candidate, for the page's script; nothing of it is kept or logged."""
        owner = await self._door.owner(asked)
        if owner is None:
            return json_reply({}, status=401)
        wait = self._pace.wait_seconds(owner.account.entry_uuid)
        if wait:
            return _later(wait)
        judged = self._service.rules(owner.account, asked.form.get("candidate", "")[:MAX_CANDIDATE])
        language = asked.language
        rules = {
            verdict.rule: {"passed": verdict.passed, "text": verdict.text.in_language(language)}
            for verdict in judged.verdicts
        }
        return json_reply({"rules": {} if judged.blank else rules, "summary": _summary(judged, language)})

    def _form(
        self,
        asked: Asked,
        owner: Owner,
        judged: PasswordList,
        problems: tuple[Problem, ...] = (),
        *,
        status: int = 200,
    ) -> Reply:
        return self._frame.page(
            asked,
            owner,
            "account/password.html",
            PASSWORD,
            scripted=True,
            problems=problems,
            status=status,
            articles=_by_article(_lines(judged, asked.language)),
            check_token=form_token(asked, CHECK),
        )

    def _changed(self, asked: Asked, owner: Owner, done: Renewed) -> Reply:
        fresh, cookie = under_new_token(asked, done.token)
        age = password_age(self._frame.directory, self._pack, self._frame.record(owner.account))
        return self._frame.page(
            fresh,
            owner,
            "account/password_changed.html",
            PASSWORD,
            scripted=True,
            cookies=(cookie,),
            ended=done.ended,
            expires=age.expires,
            letter_to=owner.account.address if self._sends_mail else "",
        )


def refusal_problem(language: Language, refusal: Refusal, password_field: str) -> Problem:
    """Why nothing was done, in words, at the field that asks for the password."""
    match refusal:
        case Refusal.WRONG_PASSWORD:
            return Problem(texts.WRONG_PASSWORD.in_language(language), password_field)
        case Refusal.PROVE_AGAIN:
            return Problem(texts.ENTER_CURRENT.in_language(language), password_field)
        case Refusal.WRONG_CODE:
            return Problem(texts.WRONG_CODE.in_language(language), "code")
        case Refusal.DEMANDED:
            return Problem(texts.FACTOR_KEPT.in_language(language))
        case Refusal.LOCKED:
            return Problem(texts.LOCKED.in_language(language))
        case Refusal.NO_FACTOR | Refusal.STALE:
            return Problem(texts.STALE.in_language(language))


def _missing(language: Language, current: str, new: str) -> Iterator[Problem]:
    if not current:
        yield Problem(texts.ENTER_CURRENT.in_language(language), "current")
    if not new:
        yield Problem(texts.ENTER_NEW.in_language(language), "new")


def _problems(language: Language, judged: PasswordList) -> Iterable[Problem]:
    for problem in judged.problems:
        match problem:
            case PasswordProblem.DIFFERENT:
                yield Problem(texts.NOT_THE_SAME.in_language(language), "repeated")
            case PasswordProblem.RULES:
                broken = len(judged.broken)
                yield Problem(texts.RULES_BROKEN.render(language, count=broken), "new")
            case PasswordProblem.USED_BEFORE:
                wording = judged.history or texts.USED_BEFORE
                yield Problem(wording.in_language(language), "new")
            case PasswordProblem.TOO_YOUNG:
                yield Problem(texts.TOO_YOUNG.in_language(language))
            case PasswordProblem.REFUSED:
                yield Problem(texts.NOT_TAKEN.in_language(language), "new")


def _lines(judged: PasswordList, language: Language) -> Iterator[RuleLine]:
    for verdict in judged.verdicts:
        state = "open" if judged.blank else "passed" if verdict.passed else "broken"
        yield RuleLine(verdict.rule, verdict.text, verdict.citation.place_in(language), state)
    if judged.history is not None:
        used = PasswordProblem.USED_BEFORE in judged.problems
        yield RuleLine("password-history", judged.history, "", "broken" if used else "open")


def _by_article(lines: Iterable[RuleLine]) -> list[tuple[str, list[RuleLine]]]:
    """The rules under the article each rests on, in the order they stand in; one without an article of its
    own stands with those before it."""
    found: list[tuple[str, list[RuleLine]]] = []
    for line in lines:
        if not found or line.place not in ("", found[-1][0]):
            found.append((line.place, []))
        found[-1][1].append(line)
    return found


def _summary(judged: PasswordList, language: Language) -> str:
    if judged.blank:
        return ""
    if not judged.broken:
        return texts.RULES_ALL_MET.in_language(language)
    return texts.RULES_LEFT.render(language, count=len(judged.broken))


def _later(seconds: int) -> Reply:
    reply = json_reply({}, status=429)
    return Reply(
        status=reply.status,
        body=reply.body,
        content_type=reply.content_type,
        headers=(("Retry-After", str(seconds)),),
    )
