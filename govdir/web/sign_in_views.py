"""How each step of signing in is shown: which template, under which path, with which words."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Final

from msgspec import Struct

from govdir.policy.password_rules import Verdict
from govdir.policy.texts import Language, Wording
from govdir.sso.sign_in.steps import (
    AskCode,
    AskEnrolment,
    AskNewPassword,
    AskPassword,
    Blocked,
    Done,
    Notice,
    PasswordList,
    Reason,
    ShowRecovery,
    Step,
    Throttled,
)
from govdir.web import sign_in_texts as texts
from govdir.web.qr import qr_svg

PATHS: Final[dict[type[Step], str]] = {
    AskPassword: "/sign-in",
    AskCode: "/sign-in/code",
    AskNewPassword: "/sign-in/password",
    AskEnrolment: "/sign-in/enrol",
    ShowRecovery: "/sign-in/recovery-codes",
    Notice: "/sign-in/notice",
}
"""The pages that a flow can be at."""

_GROUP = 4


class View(Struct, frozen=True):
    """A page: `path` where its step is shown, `values` what its template needs besides the common."""

    template: str
    path: str
    values: dict[str, object]
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()

    def context(self, language: Language) -> dict[str, object]:
        """The values, with what depends on the language."""

        def grouped(verdicts: Sequence[Verdict]) -> list[tuple[str, list[Verdict]]]:
            """By the article that each rests on, as they stand."""
            by_place = groupby(verdicts, lambda verdict: verdict.citation.place_in(language))
            return [(place, list(members)) for place, members in by_place]

        wait = self.values.get("wait")
        told = {"wait": wait.in_language(language)} if isinstance(wait, Wording) else {}
        return {**self.values, **told, "grouped": grouped}


def view_of(step: Step, *, changing: bool = False, recovery: bool = False) -> View:
    """The page of a step. `changing`: the notice's page for another password; `recovery`: the one for a
    recovery code."""
    match step:
        case AskPassword(problem):
            problem_text = None if problem is None else texts.PASSWORD_PROBLEMS_AT_SIGN_IN[problem]
            return _view("sign_in", step, problem=problem_text)
        case AskCode(problem):
            words = texts.RECOVERY_PROBLEMS if recovery else texts.CODE_PROBLEMS
            return _view("code", step, problem=None if problem is None else words[problem], recovery=recovery)
        case AskNewPassword(reason, rules):
            return _new_password(step, reason, rules)
        case Notice(_, rules) if changing:
            return _new_password(step, Reason.SOON, rules)
        case AskEnrolment(_, problem):
            problem_text = None if problem is None else texts.CODE_PROBLEMS[problem]
            return _view("enrol", step, problem=problem_text, qr=qr_svg, groups=in_groups)
        case ShowRecovery():
            return _view("codes", step)
        case Notice():
            return _view("notice", step)
        case Blocked(kind):
            return View(
                "sign_in/blocked.html", PATHS[AskPassword], _values(step, text=texts.BLOCKS[kind]), 403
            )
        case Throttled(seconds):
            later = (("Retry-After", str(seconds)),)
            values = _values(step, wait=waiting_time(seconds))
            return View("sign_in/throttled.html", PATHS[AskPassword], values, 429, later)
        case Done():
            raise ValueError("nothing is shown once it is done")


def waiting_time(seconds: int) -> Wording:
    """How long to wait, as people say it, rather too long than too short."""
    if seconds < 120:
        return texts.SECONDS.filled(count=seconds)
    if seconds < 2 * 3600:
        return texts.MINUTES.filled(count=-(-seconds // 60))
    return texts.HOURS.filled(count=-(-seconds // 3600))


def in_groups(text: str) -> str:
    """A key as people type it off: ABCD EFGH."""
    return " ".join(text[start : start + _GROUP] for start in range(0, len(text), _GROUP))


def _new_password(step: Step, reason: Reason, rules: PasswordList) -> View:
    return View(
        "sign_in/new_password.html",
        PATHS[AskNewPassword],
        _values(
            step,
            title=texts.PASSWORD_TITLES[reason],
            reason=texts.PASSWORD_REASONS[reason],
            rules=rules,
            problems=tuple(texts.NEW_PASSWORD_PROBLEMS[each] for each in rules.problems),
        ),
    )


def _view(name: str, step: Step, **values: object) -> View:
    return View(f"sign_in/{name}.html", PATHS[type(step)], _values(step, **values))


def _values(step: Step, **values: object) -> dict[str, object]:
    return {"step": step, **values}
