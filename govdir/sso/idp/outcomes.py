"""What comes in from a browser and what the web site is to do next, as values."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from govdir.sso.accounts import Account
from govdir.sso.model import Session
from govdir.sso.saml.model import Binding


class Visitor(Struct, frozen=True):
    """The browser: `session` and `account` when it is signed in (looked up, and both still stand), else None.

    `network` is the client's address, `agent` a short name of the browser, `mark` what tells this browser
    from others, signed in or not (sign_in.browser), b"" when it brought nothing.
    """

    session: Session | None = None
    account: Account | None = None
    network: str = ""
    agent: str = ""
    mark: bytes = b""


class Arrival(Struct, frozen=True):
    """A SAML message as it came to an end point.

    By Redirect `raw_query` is the query as it stood in the URL, not decoded. By POST the form's fields,
    `saml_request` or `saml_response` (base64 text) and `relay_state`; None where there was none.
    `has_cookies` False: a POST from another site brings none of ours (SameSite=Lax), so whether somebody is
    signed in is not known yet.
    """

    binding: Binding
    visitor: Visitor
    raw_query: bytes = b""
    saml_request: str | None = None
    saml_response: str | None = None
    relay_state: str | None = None
    has_cookies: bool = True

    def __repr__(self) -> str:
        return f"Arrival({self.binding.name}, <hidden>)"


class Reason(StrEnum):
    """Why a page says no; the value is the word in the trail."""

    MALFORMED = "malformed"
    UNKNOWN_SERVICE = "unknown-service"
    SERVICE_DISABLED = "service-disabled"
    UNSIGNED = "unsigned"
    BAD_SIGNATURE = "bad-signature"
    WRONG_DESTINATION = "wrong-destination"
    STALE = "stale"  # IssueInstant too old, or what was under way is over: start again at the application
    FROM_THE_FUTURE = "from-the-future"
    REPLAYED = "replayed"
    UNKNOWN_ACS = "unknown-acs"
    NOT_IDP_INITIATED = "not-idp-initiated"
    CANNOT_ENCRYPT = "cannot-encrypt"  # it is demanded, and metadata has no key for it
    TOO_MANY = "too-many"  # sign-ins begun from that network
    UNEXPECTED_ANSWER = "unexpected-answer"  # a LogoutResponse to nothing that is under way


class Denial(StrEnum):
    """Why an account may not use a service provider; the value is the word in the trail."""

    NO_MAILBOX = "no-mailbox"
    STATE = "state"
    KIND = "kind"
    AGENCY = "agency"
    ROLE = "role"


class ServiceName(Struct, frozen=True):
    """A service provider as pages name it: `title` by language ("vi", "en"), "" for any other."""

    name: str
    entity_id: str
    titles: dict[str, str]

    def title(self, language: str) -> str:
        """In that language, else in any, else its short name."""
        held = self.titles
        return held.get(language) or held.get("") or next(iter(held.values()), "") or self.name


class PostForm(Struct, frozen=True):
    """A page that posts these hidden fields to `location` by itself, with a button where scripts are off."""

    location: str
    fields: tuple[tuple[str, str], ...]

    def __repr__(self) -> str:
        return f"PostForm({self.location!r}, <hidden>)"


class Redirect(Struct, frozen=True):
    """303 to another site: a message by the Redirect binding."""

    url: str

    def __repr__(self) -> str:
        return "Redirect(<hidden>)"


class SoapAnswer(Struct, frozen=True):
    """An envelope from server to server; `is_fault` when it holds no message of SAML."""

    envelope: bytes
    is_fault: bool = False

    def __repr__(self) -> str:
        return f"SoapAnswer(<hidden>, is_fault={self.is_fault})"


class NeedSignIn(Struct, frozen=True):
    """303 to the sign-in page of this flow; it returns here by itself."""

    flow_id: str


class ContinueAt(Struct, frozen=True):
    """303 to this path (and query) of our own site."""

    path: str


class ConfirmStart(Struct, frozen=True):
    """A page that asks whether to go to this application; its button posts to /saml/start again, with the
    name and `relay_state`, confirmed."""

    service: ServiceName
    relay_state: str | None = None

    def __repr__(self) -> str:
        return f"ConfirmStart({self.service.name!r}, <hidden>)"


class NotAllowed(Struct, frozen=True):
    """A page that says why this account may not use the application; its button posts `form`, which tells the
    application so (RequestDenied). `form` None where nobody waits for an answer."""

    service: ServiceName
    denial: Denial
    form: PostForm | None = None


class Refused(Struct, frozen=True):
    """An error page with this HTTP status. `detail` is for whoever runs the application: it names elements
    and rules, never values of the message."""

    status: int
    reason: Reason
    service: ServiceName | None = None
    detail: str = ""


class StepState(StrEnum):
    """How far signing out of one application is."""

    WAITING = "waiting"
    ASKED = "asked"
    DONE = "done"
    FAILED = "failed"  # it said so, or could not be asked
    SKIPPED = "skipped"


class LogoutStep(Struct, frozen=True):
    """One application on the page that shows a logout."""

    service: ServiceName
    state: StepState


class LogoutPage(Struct, frozen=True):
    """The progress of a logout: our own session is over in any case.

    `advance` is the path of the next step, which its button goes to, and, when `automatic`, the page by
    itself after a moment; None when the browser is at an application that has not answered yet, or nothing
    is left. `retry` and `skip` are the paths of the choices then. `finished`: nothing is left; `complete`
    whether all applications were reached. `asked_by` is the application that waits for our answer.
    """

    steps: tuple[LogoutStep, ...] = ()
    advance: str | None = None
    automatic: bool = True
    retry: str | None = None
    skip: str | None = None
    finished: bool = True
    complete: bool = True
    asked_by: ServiceName | None = None


Outcome = PostForm | Redirect | NeedSignIn | ContinueAt | ConfirmStart | NotAllowed | LogoutPage | Refused
