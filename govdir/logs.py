"""Where log lines go: a file that can be rotated, or a standard stream; the program's own events as JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import msgspec
from twisted.logger import LogEvent, LogLevel, formatEvent, globalLogBeginner, globalLogPublisher

_LEGACY = "log_legacy"
STANDARD_STREAM = "-"
LOG_MODE = 0o640  # lines name people; the group may be that of a log collector


class LogOutput:
    """Appends text to a file, or to `stream` for "-". Raises OSError when the file cannot be opened."""

    def __init__(self, path: Path | None, stream: TextIO) -> None:
        self._path = path
        self._stream = stream
        self._file = self._open()

    def _open(self) -> TextIO:
        if self._path is None:
            return self._stream
        self._path.parent.mkdir(parents=True, exist_ok=True)
        if not self._path.exists():
            self._path.touch(LOG_MODE)
        return self._path.open("a", encoding="utf-8", errors="backslashreplace")

    def write(self, text: str) -> None:
        """Written through at once. Raises OSError."""
        self._file.write(text)
        self._file.flush()

    def reopen(self) -> None:
        """After the file was moved away (logrotate). On OSError the former file stays."""
        former, self._file = self._file, self._open()
        if self._path is not None:
            former.close()


class EventLog:
    """A Twisted log observer: one JSON line an event; a failure comes with its traceback."""

    def __init__(self, output: LogOutput) -> None:
        self._output = output

    def __call__(self, event: LogEvent) -> None:
        """Writes the event; what cannot be written is lost rather than stopping the server."""
        if event["log_namespace"] == _LEGACY and event["log_level"] is LogLevel.info:
            return  # "Factory starting on …" of Twisted's older parts; the server says it better itself
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(event["log_time"], UTC).isoformat(),
            "level": event["log_level"].name,
            "from": event["log_namespace"],
            "message": formatEvent(event),
        }
        failure = event.get("log_failure")
        if failure is not None:
            line["traceback"] = failure.getTraceback()
        try:
            self._output.write(msgspec.json.encode(line).decode() + "\n")
        except OSError:
            return


def output(setting: str, home: Path, stream: TextIO) -> LogOutput:
    """The place that a [log] setting names. Raises OSError."""
    return LogOutput(None if setting == STANDARD_STREAM else home / setting, stream)


def begin_event_log(log: EventLog) -> None:
    """From now on the program's events go to `log`."""
    keep_events_off_the_terminal()
    globalLogPublisher.addObserver(log)  # type: ignore[arg-type] # zope.interface


def keep_events_off_the_terminal() -> None:
    """Until logging begins Twisted prints failures with their tracebacks; commands tell theirs themselves."""
    globalLogBeginner.beginLoggingTo([], redirectStandardIO=False)
