"""What is answered by a page of errors instead of the page that was asked for."""

from __future__ import annotations

from govdir.policy.texts import Wording


class Trouble(Exception):
    """`status` is that of HTTP; title and text are for people. `again` is where to start anew, None nowhere.

    Pages raise it; the site renders it. The exception's own text holds neither.
    """

    def __init__(
        self,
        status: int,
        title: Wording,
        text: Wording,
        *,
        again: str | None = "/",
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(status)
        self.status = status
        self.title = title
        self.text = text
        self.again = again
        self.headers = headers
