"""The README's tour, run for real: `python -m tests.architecture.tour` writes its output anew (`make tour`).

The tour stands between two marks; in its `console` blocks a line that begins with `$ ` is a command and what
follows is what it prints. All commands run in one shell, in a copy of the project's outline, against a
demonstration of its own on other ports.
"""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
READY_SECONDS = 120
_TOUR = re.compile(r"(?<=<!-- tour -->\n).*?(?=<!-- /tour -->)", re.S)
_BLOCK = re.compile(r"(?<=^```console\n).*?(?=^```)", re.M | re.S)
_COMMAND = re.compile(r"^\$ .*(?:\n> .*)*", re.M)
_PORTS = ("3389", "3636", "8443", "8444", "8445")
_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8"}


def written_tour() -> str:
    """The tour as the README has it."""
    found = _TOUR.search(README.read_text())
    if found is None:
        raise LookupError("the README has no tour")
    return found[0]


def real_tour(tour: str) -> str:
    """The same tour with what the commands really print."""
    commands = [command for block in _BLOCK.findall(tour) for command in _COMMAND.findall(block)]
    with tempfile.TemporaryDirectory() as folder, _demonstration(Path(folder)) as ports:
        outputs = iter(_run(commands, Path(folder), ports))
    return _BLOCK.sub(lambda block: "".join(_replayed(block[0], outputs)), tour)


def _replayed(block: str, outputs: Iterator[str]) -> Iterator[str]:
    for command in _COMMAND.findall(block):
        output = next(outputs)
        yield f"{command}\n{output}"


def _run(commands: list[str], folder: Path, ports: dict[str, str]) -> list[str]:
    """What each command prints, in one shell; `ports` are exchanged on the way in and back on the way out."""
    mark = "\x01end of output\x01"
    lines = [_exchanged(command[2:].replace("\n> ", "\n"), ports) for command in commands]
    script = "".join(f"{line}\nprintf '%s' '{mark}'\n" for line in lines)
    shell = subprocess.run(
        ["stdbuf", "-oL", "bash"],  # as on a terminal, where a line is seen when it is written
        input=f"exec 2>&1\n{script}",
        cwd=folder,
        env=_ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    outputs = shell.stdout.split(mark)[:-1]
    if len(outputs) != len(commands):
        raise RuntimeError(f"the shell left the tour early: {shell.stdout}{shell.stderr}")
    back = {value: key for key, value in ports.items()}
    return [_exchanged(output, back) for output in outputs]


def _exchanged(text: str, words: dict[str, str]) -> str:
    for old, new in words.items():
        text = re.sub(rf"\b{old}\b", new, text)
    return text


@contextmanager
def _demonstration(folder: Path) -> Iterator[dict[str, str]]:
    """`make run` in `folder`, on free ports; the ports by those of the README."""
    for name in ("ldif", ".venv"):
        (folder / name).symlink_to(ROOT / name)
    ports = {port: str(_free_port()) for port in _PORTS}
    home = folder / "var/demo/cantho"
    home.parent.mkdir(parents=True)
    (home.parent / "accounts.json").symlink_to("cantho/accounts.json")
    arguments = ["demo", "--province", "cantho", "--home", str(home)]
    for name, port in zip(("ldap", "ldaps", "web", "portal", "documents"), _PORTS, strict=True):
        arguments += [f"--{name}", f"127.0.0.1:{ports[port]}"]
    log = folder / "demo.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "govdir.cli.main", *arguments],
            cwd=ROOT,
            env=_ENVIRONMENT,
            stdout=output,
            stderr=output,
        )
    try:
        _wait_until_ready(process, log)
        yield ports
    finally:
        process.terminate()
        process.wait(timeout=30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while "govdir is ready" not in log.read_text():
        if time.monotonic() > deadline or process.poll() is not None:
            raise RuntimeError(f"the demonstration did not start:\n{log.read_text()}")
        time.sleep(0.1)


def main() -> None:
    """Writes the real tour into the README."""
    tour = written_tour()
    README.write_text(README.read_text().replace(tour, real_tour(tour)))


if __name__ == "__main__":
    main()
