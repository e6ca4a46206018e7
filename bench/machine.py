"""Facts about the machine and the programs that figures mean nothing without; no names and no paths."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path
from typing import TypedDict

from bench import slapd


class Facts(TypedDict):
    """What a reader of figures needs to know; `load_before` is the load average at the start."""

    processor: str
    cores: int
    memory_gib: float
    kernel: str
    load_before: float
    python: str
    twisted: str
    slapd: str


def facts() -> Facts:
    """Processor, cores, memory, kernel and versions."""
    return {
        "processor": _field("/proc/cpuinfo", "model name"),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(int(_field("/proc/meminfo", "MemTotal").split()[0]) / 1024**2, 1),
        "kernel": platform.release().split("-")[0],
        "load_before": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "twisted": metadata.version("twisted"),
        "slapd": slapd.version() if slapd.available() else "",
    }


def _field(path: str, name: str) -> str:
    for line in Path(path).read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return "unknown"


def commit() -> str:
    """The short name of the commit measured, "+" when files have changed since; "" outside a repository."""
    here = Path(__file__).parent
    answers = [
        subprocess.run(
            ["git", *arguments], cwd=here, capture_output=True, text=True, check=False
        ).stdout.strip()
        for arguments in (("rev-parse", "--short=10", "HEAD"), ("status", "--porcelain", "--", "../govdir"))
    ]
    return answers[0] + ("+" if answers[0] and answers[1] else "")
