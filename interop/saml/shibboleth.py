"""Shibboleth's service provider as our how-to page sets it up: shibd and Apache, all files in one folder."""

from __future__ import annotations

import re
import shutil
import ssl
import subprocess
from pathlib import Path
from typing import Final

from interop.programs import missing, require_program
from interop.saml.apache import Apache, require_module
from interop.saml.idp import IdentityProvider

_PAGE: Final = (Path(__file__).parents[2] / "docs" / "how-to" / "applications" / "shibboleth.md").read_text(
    "utf-8"
)
_STOCK: Final = Path("/etc/shibboleth")
_APPLICATION: Final = re.compile(r"<ApplicationDefaults.*</ApplicationDefaults>", re.DOTALL)
_FENCED: Final = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
_PLACES: Final = ("SHIBSP_CFGDIR", "SHIBSP_RUNDIR", "SHIBSP_CACHEDIR", "SHIBSP_LOGDIR")
_TO_SYSTEM: Final = re.compile(r"(?m)^log4j\.appender\.native_log=.*$")
_TO_FILE: Final = (
    "log4j.appender.native_log=org.apache.log4j.FileAppender\nlog4j.appender.native_log.fileName={}"
)


def start_shibboleth(apache: Apache, idp: IdentityProvider) -> None:
    """Starts shibd and Apache with what the page says, and the packages' own files for all else."""
    module = require_module("shib", "libapache2-mod-shib")
    shibd = require_program("shibd", "shibboleth-sp-utils")
    if not (_STOCK / "shibboleth2.xml").exists():
        missing(f"no {_STOCK}/shibboleth2.xml (Debian package shibboleth-sp-common)")
    folder = apache.folder / "shibboleth"
    shutil.copytree(_STOCK, folder)
    blocks = [(kind, _here(text, apache, idp)) for kind, text in _FENCED.findall(_PAGE)]
    application, attributes = (text for kind, text in blocks if kind == "xml")
    site = next(text for kind, text in blocks if kind == "apache")
    _rewrite(folder / "shibboleth2.xml", lambda text: _APPLICATION.sub(lambda _: application, text))
    _rewrite(
        folder / "attribute-map.xml", lambda text: text.replace("</Attributes>", f"{attributes}</Attributes>")
    )
    _rewrite(folder / "shibd.logger", lambda text: text.replace("/var/log/shibboleth", str(apache.folder)))
    log = _TO_FILE.format(apache.folder / "native.log")
    _rewrite(folder / "native.logger", lambda text: _TO_SYSTEM.sub(log, text))
    for name in ("sp-signing", "sp-encrypt"):
        _keygen(name, folder)
    (folder / "idp.pem").write_text(ssl.DER_cert_to_PEM_cert(idp.certificate))
    for file in (folder, *folder.iterdir()):
        apache.own(file)
    socket = apache.folder / "shibd.sock"
    apache.environment |= {
        **dict.fromkeys(_PLACES, str(apache.folder)),  # it goes to "shibboleth" below each
        "SHIBSP_CONFIG": str(folder / "shibboleth2.xml"),
        "SHIBSP_LISTENER_ADDRESS": str(socket),
    }
    apache.run_beside([shibd, "-F", "-f", "-p", str(apache.folder / "shibd.pid")], socket)
    apache.start([module], site)


def _here(text: str, apache: Apache, idp: IdentityProvider) -> str:
    return text.replace("https://portal.cantho.gov.vn", apache.url).replace(
        "https://id.cantho.gov.vn", idp.url
    )


def _keygen(name: str, folder: Path) -> None:
    program = require_program("shib-keygen", "shibboleth-sp-utils")
    command = [program, "-b", "-n", name, "-h", "portal.cantho.gov.vn", "-o", str(folder), "-u", "", "-g", ""]
    subprocess.run(command, capture_output=True, check=True)


def _rewrite(file: Path, change: object) -> None:
    assert callable(change)
    before = file.read_text("utf-8")
    after = change(before)
    assert after != before, file
    file.write_text(after, "utf-8")
