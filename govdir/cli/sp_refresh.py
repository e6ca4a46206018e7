"""`govdir sp refresh`: metadata fetched again now, not when its time comes."""

from __future__ import annotations

from pathlib import Path

import click
from msgspec.structs import replace

from govdir.cli.command import command, home_argument
from govdir.cli.fetching import fetch
from govdir.cli.language import say
from govdir.cli.local import open_directory
from govdir.cli.outcome import EnvironmentTrouble, Refused
from govdir.cli.output import remark
from govdir.cli.sp_metadata import read_metadata
from govdir.cli.sso import LocalSso, note, now, open_sso
from govdir.config import Config, load_config
from govdir.policy.texts import Wording
from govdir.sso.model import ServiceProvider

_NO_ADDRESS = Wording(
    "Siêu dữ liệu của {name} lấy từ tệp, không có địa chỉ; tệp mới: govdir sp set … --metadata.",
    "The metadata of {name} came from a file; to take over another: govdir sp set … --metadata.",
)
_NONE = Wording(
    "Không có ứng dụng nào lấy siêu dữ liệu từ địa chỉ.", "No application's metadata has an address."
)
_SAME = Wording("{name}: không đổi.", "{name}: unchanged.")
_NEW = Wording("{name}: đã cập nhật.", "{name}: taken over.")
_FAILED = Wording("{name}: giữ siêu dữ liệu cũ. {why}", "{name}: the former metadata stays. {why}")
_UNSOUND = Wording("{count} ứng dụng không cập nhật được.", "{count} could not be refreshed.")


@command(
    "refresh",
    Wording(
        "Lấy lại siêu dữ liệu của ứng dụng NAME, hoặc của mọi ứng dụng, từ địa chỉ đã đăng ký. Bản dùng được "
        "gần nhất được giữ khi bản mới không dùng được.",
        "Fetches the metadata of the application NAME, or of all, from where it was registered. What was "
        "usable stays when the new one is not.",
    ),
    "govdir sp refresh ./home",
)
@home_argument
@click.argument("name", required=False, metavar="[NAME]")
def refresh(*, home: Path, name: str | None) -> None:
    """`govdir sp refresh`."""
    config = load_config(home)
    with open_directory(config) as local, open_sso(local) as sso:
        services = sso.services() if name is None else [sso.service(name)]
        if name is not None and not services[0].metadata_url:
            raise Refused(say(_NO_ADDRESS, name=name))
        fetched = [each for each in services if each.metadata_url]
        if not fetched:
            remark(say(_NONE))
        failed = sum(not _refresh(config, sso, each) for each in fetched)
    if failed:
        raise Refused(say(_UNSOUND, count=failed))


def _refresh(config: Config, sso: LocalSso, service: ServiceProvider) -> bool:
    """Whether what was fetched can be used; what is wrong with it is kept with the service provider."""
    following = replace(service, version=service.version + 1, refreshed=now())
    try:
        octets = fetch(config, service.metadata_url)
        taken = read_metadata(octets, service.metadata_url, service.entity_id, service.metadata_signer)
    except (EnvironmentTrouble, Refused) as error:
        why = error.wrong if isinstance(error, EnvironmentTrouble) else error.lines[0]
        sso.change(replace(service, version=service.version + 1, trouble=why))
        remark(say(_FAILED, name=service.name, why=why))
        return False
    same = taken.octets == service.metadata
    sso.change(replace(following, metadata=taken.octets, trouble=""))
    note(sso, service, "refreshed")
    remark(say(_SAME if same else _NEW, name=service.name))
    return True
