"""Tells systemd that the service is ready or stopping (sd_notify(3)); does nothing outside systemd."""

from __future__ import annotations

import os
import socket


def notify(state: str) -> None:
    """Sends "READY=1" or the like. A supervisor that does not listen is no reason to stop serving."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return
    name = "\0" + address[1:] if address.startswith("@") else address
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
        try:
            sender.connect(name)
            sender.sendall(state.encode())
        except OSError:
            return
