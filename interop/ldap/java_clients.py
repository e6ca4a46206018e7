"""Java's LDAP libraries, driven call by call: one Java process that reads requests and answers in JSON."""

from __future__ import annotations

import base64
import json
import queue
import shutil
import subprocess
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

from interop.programs import missing, require_program

SOURCES: Final = Path(__file__).with_name("java")
_JARS: Final = Path("/usr/share/java")
# The Apache Directory LDAP API and what it needs for a connection; slf4j-nop keeps its log quiet.
_LIBRARIES: Final = (
    "apache-directory-api-all",
    "mina2-core",
    "slf4j-api",
    "slf4j-nop",
    "commons-codec",
    "commons-lang3",
    "commons-pool2",
    "commons-collections4",
    "commons-text",
    "dom4j",
    "xpp3",
    "antlr",
)
_TIMEOUT_SECONDS: Final = 60.0

Value = str | bytes


def octets(*words: str, values: Iterable[Value] = ()) -> str:
    """Words parted by spaces, with values in base64 behind them."""
    encoded = (base64.b64encode(v.encode() if isinstance(v, str) else v).decode() for v in values)
    return " ".join((*words, *encoded))


def compiled(folder: Path) -> str:
    """The class path of the compiled programs, in a folder made for them; skips or fails without Java."""
    require_program("java", "default-jre-headless")
    jars = [_JARS / f"{name}.jar" for name in _LIBRARIES]
    for jar in jars:
        if not jar.exists():
            missing(f"{jar} is not installed (Debian package libapache-directory-api-java)")
    class_path = ":".join(map(str, jars))
    compiler = ["javac"] if shutil.which("javac") else [require_program("ecj", "ecj"), "-17"]
    done = subprocess.run(
        [*compiler, "-proc:none", "-cp", class_path, "-d", str(folder), *map(str, SOURCES.glob("*.java"))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return f"{folder}:{class_path}"


def _octets_hook(told: dict[str, Any]) -> Any:
    return base64.b64decode(told["base64"]) if told.keys() == {"base64"} else told


class JavaClient:
    """A Java process with one library: `api` (Apache Directory LDAP API) or `jndi`."""

    def __init__(self, class_path: str, library: str, log: Path) -> None:
        with log.open("ab") as complaints:
            self._process = subprocess.Popen(
                ["java", "-XX:TieredStopAtLevel=1", "-cp", class_path, "Bridge", library],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=complaints,
                text=True,
            )
        self._log = log
        self._answers: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._answers.put(line)
        self._answers.put("")

    def ask(self, verb: str, **words: str | int | bool | Iterable[str] | None) -> Any:
        """One call; a list is said several times, None and False not at all. A failure of the library comes
        as {"failure": class, "message": text}."""
        said = [("verb", verb)]
        for name, word in words.items():
            key = name.replace("_", "-").strip("-")
            if word is None or word is False:
                continue
            if isinstance(word, str | int):
                said.append((key, str(word)))
            else:
                said.extend((key, each) for each in word)
        assert self._process.stdin is not None
        self._process.stdin.write(urlencode(said, quote_via=quote) + "\n")
        self._process.stdin.flush()
        answer = self._answers.get(timeout=_TIMEOUT_SECONDS)
        assert answer, f"Java ended:\n{self._log.read_text('utf-8', 'replace')[-3000:]}"
        return json.loads(answer, object_hook=_octets_hook)

    def close(self) -> None:
        """Ends the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
