"""How each outcome of the identity provider is answered: a page, or where the browser goes."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode, urlsplit

from govdir.sso.accounts import Account
from govdir.sso.idp.outcomes import (
    ConfirmStart,
    ContinueAt,
    LogoutPage,
    NeedSignIn,
    NotAllowed,
    Outcome,
    PostForm,
    Redirect,
    Refused,
)
from govdir.web import saml_texts as texts
from govdir.web.asked import Asked
from govdir.web.headers import STRICT, ContentPolicy, hash_source
from govdir.web.pages import Pages
from govdir.web.reply import Reply, redirect
from govdir.web.visitors import signed_in

# What the page that posts by itself runs, and nothing else.
SUBMIT: Final = "document.forms[0].submit()"
_SUBMIT_HASH: Final = hash_source(SUBMIT)


class SamlViews:
    """Turns outcomes into replies."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def reply(self, asked: Asked, outcome: Outcome, account: Account | None = None) -> Reply:
        """What to answer; `account` is who is signed in."""
        match outcome:
            case PostForm():
                return self._post_form(asked, outcome)
            case Redirect(url):
                return redirect(url)
            case ContinueAt(path):
                return redirect(path)
            case NeedSignIn(flow_id):
                return redirect(f"/sign-in?{urlencode({'flow': flow_id})}")
            case ConfirmStart():
                return self._page(asked, "confirm", account, outcome=outcome)
            case NotAllowed(form=form):
                policy = STRICT if form is None else posting_policy(form.location)
                reason = texts.DENIALS[outcome.denial]
                return self._page(
                    asked, "denied", account, status=403, policy=policy, outcome=outcome, reason=reason
                )
            case LogoutPage():
                return self.logout_page(asked, outcome)
            case Refused():
                return self._refused(asked, outcome, account)

    def logout_page(self, asked: Asked, page: LogoutPage) -> Reply:
        """How far a logout is; at its end, that it is done."""
        title = texts.SIGNING_OUT_TITLE
        if page.finished:
            title = texts.SIGNED_OUT_TITLE if page.complete else texts.PARTLY_TITLE
        here = "/sign-out" if page.finished else None  # a message is not to be taken twice
        return self._page(asked, "logout", None, page=page, title=title, states=texts.STEPS, here=here)

    def sign_out_question(self, asked: Asked, account: Account) -> Reply:
        """Whether to sign out of everything."""
        return self._page(asked, "sign_out", account)

    def _post_form(self, asked: Asked, form: PostForm) -> Reply:
        policy = posting_policy(form.location, script=_SUBMIT_HASH)
        return self._page(asked, "post", None, policy=policy, form=form, script=SUBMIT)

    def _refused(self, asked: Asked, refused: Refused, account: Account | None) -> Reply:
        service = refused.service
        reason = texts.REASONS[refused.reason]
        to_do = texts.WHAT_TO_DO.get(refused.reason, texts.OTHERWISE_TO_DO)
        title, title_of = texts.REFUSED_TITLE, texts.REFUSED_TITLE_OF
        is_logout = asked.path.startswith("/saml/slo")
        if is_logout:
            title, title_of = texts.LOGOUT_REFUSED_TITLE, texts.LOGOUT_REFUSED_TITLE_OF
        return self._page(
            asked,
            "refused",
            account,
            status=refused.status,
            title=title if service is None else title_of,
            service=service,
            reason=reason,
            to_do=to_do,
            detail=refused.detail,
            offers_sign_out=is_logout,
        )

    def _page(
        self,
        asked: Asked,
        name: str,
        account: Account | None,
        *,
        status: int = 200,
        policy: ContentPolicy = STRICT,
        here: str | None = None,
        **values: object,
    ) -> Reply:
        here = here or (asked.place if asked.method == "GET" else "/")
        values["s"] = texts
        values["account"] = "" if account is None else account.shown
        return self._pages.page(
            asked,
            f"saml/{name}.html",
            values,
            status=status,
            policy=policy,
            here=here,
            who=signed_in(account),
        )


def posting_policy(location: str, script: str = "'none'") -> ContentPolicy:
    """For a page whose form goes to an application.

    Browsers hold what the application redirects to after the form to form-action as well, and that may be
    another host of its own: any https is let through, and of http the very place (loopback, for trials).
    """
    parts = urlsplit(location)
    return ContentPolicy(script=script, form_action=f"'self' {parts.scheme}://{parts.netloc} https:")
