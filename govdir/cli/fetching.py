"""Metadata fetched by a command, under the same rules as the server's own fetching."""

from __future__ import annotations

from govdir.assembly import outbound_of
from govdir.cli.language import current_language, say
from govdir.cli.outcome import EnvironmentTrouble
from govdir.config import Config
from govdir.policy.texts import Wording
from govdir.web.outbound_addresses import NoAnswer

_NOT_FETCHED = Wording("không lấy được {url}: {why}", "{url} cannot be fetched: {why}")
_MEND = Wording(
    "xem máy này có tới được địa chỉ đó không, hoặc tải tệp về rồi dùng --metadata TỆP.",
    "see whether this machine can reach it, or bring the file here and give --metadata FILE.",
)


def fetch(config: Config, url: str) -> bytes:
    """The octets at an address. Raises EnvironmentTrouble."""
    try:
        return outbound_of(config).fetch(url)
    except NoAnswer as error:
        wrong = say(_NOT_FETCHED, url=url, why=error.why.in_language(current_language()))
        raise EnvironmentTrouble(wrong, say(_MEND)) from error
