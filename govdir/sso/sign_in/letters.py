"""Letters to people about changes of how they sign in, so that nobody else makes them unseen."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from govdir.directory.errors import Busy
from govdir.directory.password_policy import PROVINCE_ZONE
from govdir.directory.ports import Clock, StoreUnavailable
from govdir.policy.texts import Language, Wording
from govdir.sso.accounts import Account
from govdir.sso.model import Letter
from govdir.sso.ports import Outbox
from govdir.sso.sign_in import texts
from govdir.sso.sign_in.browser import Browser

_MOMENT: Final = "%d/%m/%Y %H:%M"


class Letters:
    """Writes them in the person's language, else in the province's."""

    def __init__(self, outbox: Outbox, clock: Clock, language: Language, helpdesk: str) -> None:
        self._outbox = outbox
        self._clock = clock
        self._language = language
        self._helpdesk = helpdesk

    async def send(
        self, account: Account, subject: Wording, text: Wording, browser: Browser | None, **fields: object
    ) -> None:
        """Puts one on its way; nothing for whoever has no address.

        `browser` None: an administrator did it, whose network is nobody's business. What was done is done:
        that the letter cannot be stored changes nothing about it.
        """
        if not account.address:
            return
        language = account.language(self._language)
        paragraphs = [
            texts.GREETING.render(language, name=account.name),
            text.render(language, account=account.address, **fields),
            *self._circumstances(browser, language),
            self._advice(language),
            texts.SIGNED.in_language(language),
        ]
        letter = Letter(account.address, subject.in_language(language), "\n\n".join(paragraphs) + "\n")
        with suppress(StoreUnavailable, Busy):
            await self._outbox.put(letter)

    def _circumstances(self, browser: Browser | None, language: Language) -> tuple[str, ...]:
        if browser is None:
            return ()
        moment = self._clock.now().astimezone(PROVINCE_ZONE).strftime(_MOMENT)
        agent: object = browser.agent or texts.UNKNOWN
        return (texts.WHEN.render(language, moment=moment, network=browser.network, agent=agent),)

    def _advice(self, language: Language) -> str:
        if self._helpdesk:
            return texts.NOT_YOU_HELPDESK.render(language, helpdesk=self._helpdesk)
        return texts.NOT_YOU.in_language(language)
