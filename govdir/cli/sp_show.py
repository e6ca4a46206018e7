"""`govdir sp list` and `govdir sp show`: service providers as commands tell them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import click
from msgspec import Struct

from govdir.cli.command import command, home_argument, json_option
from govdir.cli.days import shown_moment
from govdir.cli.language import current_language, say
from govdir.cli.local import open_directory
from govdir.cli.output import print_json, remark
from govdir.cli.sp_options import ENCRYPTIONS, NAME_IDS, REQUESTS, SIGNATURES, SIGNED, word_of
from govdir.cli.sso import open_sso
from govdir.cli.table import print_facts, print_table
from govdir.config import load_config
from govdir.policy.texts import Wording
from govdir.sso.idp.release import USUAL_SOURCES
from govdir.sso.model import ReleasedAttribute, ServiceProvider
from govdir.sso.saml.errors import UnusableMetadata
from govdir.sso.saml.metadata_sp import read_service_metadata
from govdir.sso.saml.model import Binding, Endpoint, ServiceMetadata

_NONE = Wording("Chưa có ứng dụng nào.", "There are no applications yet.")
_ON, _OFF = Wording("đang phục vụ", "served"), Wording("đã tắt", "disabled")
_TROUBLE = Wording("có vấn đề", "in trouble")
_YES, _NO = Wording("có", "yes"), Wording("không", "no")
_SINCE = Wording("{url}, lấy lúc {at}", "{url}, fetched {at}")
_LABELS = {
    "title": Wording("Tên hiển thị", "Title"),
    "entity": Wording("Entity ID", "Entity ID"),
    "state": Wording("Tình trạng", "State"),
    "trouble": Wording("Vấn đề", "Trouble"),
    "acs": Wording("Nhận câu trả lời ở", "Takes answers at"),
    "slo": Wording("Đăng xuất ở", "Is logged out at"),
    "keys": Wording("Khóa ký (SHA-256 của chứng thư)", "Signing keys (SHA-256 of the certificate)"),
    "encrypts": Wording("Khóa mã hóa", "Encryption keys"),
    "until": Wording("Siêu dữ liệu đến", "Metadata good until"),
    "origin": Wording("Siêu dữ liệu từ", "Metadata from"),
    "name_id": Wording("Tên định danh", "Name identifier"),
    "told": Wording("Được cho biết", "Is told"),
    "states": Wording("Trạng thái hộp thư", "Mailbox states"),
    "kinds": Wording("Loại hộp thư", "Mailbox kinds"),
    "agencies": Wording("Cơ quan, đơn vị", "Bodies"),
    "roles": Wording("Vai trò", "Roles"),
    "factor": Wording("Cần mã xác thực", "Second factor"),
    "initiated": Wording("Mở từ trang của mình", "Opened from our page"),
    "requests": Wording("Yêu cầu phải ký", "Signed requests"),
    "sha1": Wording("Nhận SHA-1", "SHA-1 taken"),
    "logout": Wording("Nhận đăng xuất không ký", "Unsigned logout"),
    "sign": Wording("Câu trả lời ký", "Answers are signed"),
    "encryption": Wording("Mã hóa", "Encryption"),
    "minutes": Wording("Phiên ở ứng dụng (phút)", "Its session (minutes)"),
}


class ShownService(Struct, frozen=True):
    """A service provider for --json: settings in the words of the options. `acs` and `slo` are URLs in the
    metadata's order; certificates are told by the SHA-256 of their DER form, hexadecimal."""

    name: str
    entity_id: str
    title: str
    enabled: bool
    trouble: str
    acs: tuple[str, ...]
    slo: tuple[str, ...]
    signing_certificates: tuple[str, ...]
    encryption_certificates: tuple[str, ...]
    valid_until: datetime | None
    metadata_url: str
    refreshed: datetime | None
    name_id: str
    attributes: tuple[str, ...]
    basic_names: bool
    states: tuple[str, ...]
    kinds: tuple[str, ...]
    agencies: tuple[str, ...]
    roles: tuple[str, ...]
    second_factor: bool
    idp_initiated: bool
    default_relay_state: str
    signed_requests: str
    allow_sha1: bool
    unsigned_logout: bool
    sign: str
    signature: str
    signing_key: str
    encryption: str
    encryption_method: str
    session_minutes: int


@command(
    "list",
    Wording("Liệt kê các ứng dụng đã đăng ký.", "Lists the applications that are registered."),
    "govdir sp list ./home",
)
@home_argument
@json_option
def list_(*, home: Path, as_json: bool) -> None:
    """`govdir sp list`."""
    with open_directory(load_config(home)) as local, open_sso(local) as sso:
        services = [shown_service(each) for each in sso.services()]
    if as_json:
        print_json(services)
    elif services:
        print_table([(one.name, _state(one), one.entity_id, one.title) for one in services])
    else:
        remark(say(_NONE))


@command(
    "show",
    Wording("Hiện siêu dữ liệu và thiết lập của ứng dụng NAME.", "Shows the application NAME."),
    "govdir sp show ./home portal",
)
@home_argument
@click.argument("name")
@json_option
def show(*, home: Path, name: str, as_json: bool) -> None:
    """`govdir sp show`."""
    with open_directory(load_config(home)) as local, open_sso(local) as sso:
        tell_service(sso.service(name), as_json=as_json)


def tell_service(service: ServiceProvider, *, as_json: bool) -> None:
    """All of it on standard output."""
    one = shown_service(service)
    if as_json:
        print_json(one)
        return
    click.echo(one.name)
    print_facts((f"  {say(_LABELS[label])}", value) for label, value in _facts(one))


def metadata_of(service: ServiceProvider) -> ServiceMetadata | None:
    """What its stored metadata says; None when that cannot be read any more."""
    try:
        return read_service_metadata(service.metadata, service.entity_id)
    except UnusableMetadata:
        return None


def title_of(service: ServiceProvider, metadata: ServiceMetadata | None) -> str:
    """What people see it called in the command's language."""
    names = dict(reversed(metadata.display_names)) if metadata is not None else {}
    fallback = next(iter(names.values()), "")
    return service.settings.title or names.get(current_language().value) or fallback


def shown_service(service: ServiceProvider) -> ShownService:
    """Metadata and settings together."""
    metadata, settings = metadata_of(service), service.settings
    trouble = service.trouble
    if metadata is None:
        metadata = ServiceMetadata(service.entity_id, acs=())
        trouble = trouble or "metadata"
    return ShownService(
        name=service.name,
        entity_id=service.entity_id,
        title=title_of(service, metadata),
        enabled=settings.enabled,
        trouble=trouble,
        acs=tuple(end.location for end in metadata.acs),
        slo=tuple(_way(end) for end in metadata.slo),
        signing_certificates=tuple(map(fingerprint, metadata.signing_certificates)),
        encryption_certificates=tuple(map(fingerprint, metadata.encryption_certificates)),
        valid_until=metadata.valid_until,
        metadata_url=service.metadata_url,
        refreshed=service.refreshed,
        name_id=word_of(NAME_IDS, settings.name_id),
        attributes=tuple(map(_told, settings.attributes or map(ReleasedAttribute, USUAL_SOURCES))),
        basic_names=settings.basic_names,
        states=settings.states,
        kinds=settings.kinds,
        agencies=settings.agencies,
        roles=settings.roles,
        second_factor=settings.second_factor,
        idp_initiated=settings.idp_initiated,
        default_relay_state=settings.default_relay_state,
        signed_requests=word_of(REQUESTS, settings.signed_requests),
        allow_sha1=settings.allow_sha1,
        unsigned_logout=settings.unsigned_logout,
        sign=word_of(SIGNED, (settings.sign_assertion, settings.sign_response)),
        signature=word_of(SIGNATURES, settings.signature_method),
        signing_key=settings.signing_key,
        encryption=settings.encryption.value,
        encryption_method=word_of(ENCRYPTIONS, settings.encryption_method),
        session_minutes=settings.session_minutes,
    )


def fingerprint(certificate: bytes) -> str:
    """SHA-256 of the DER form, as `openssl x509 -fingerprint -sha256` has it but for the colons."""
    return sha256(certificate).hexdigest()


def _facts(one: ShownService) -> Iterator[tuple[str, str | list[str]]]:
    yield "title", one.title
    yield "entity", one.entity_id
    yield "state", _state(one)
    yield "trouble", one.trouble
    yield "acs", list(one.acs)
    yield "slo", list(one.slo)
    yield "keys", list(one.signing_certificates)
    yield "encrypts", list(one.encryption_certificates)
    yield "until", shown_moment(one.valid_until)
    if one.metadata_url:
        yield "origin", say(_SINCE, url=one.metadata_url, at=shown_moment(one.refreshed) or "–")
    yield "name_id", one.name_id
    yield "told", ", ".join(one.attributes)
    yield "states", ", ".join(one.states)
    yield "kinds", ", ".join(one.kinds)
    yield "agencies", list(one.agencies)
    yield "roles", ", ".join(one.roles)
    yield "factor", _switch(one.second_factor)
    yield "initiated", _switch(one.idp_initiated)
    yield "requests", one.signed_requests
    yield "sha1", say(_YES) if one.allow_sha1 else ""
    yield "logout", say(_YES) if one.unsigned_logout else ""
    yield "sign", f"{one.sign}, {one.signature}, {one.signing_key}"
    yield "encryption", f"{one.encryption}, {one.encryption_method}"
    yield "minutes", str(one.session_minutes or "")


def _state(one: ShownService) -> str:
    if not one.enabled:
        return say(_OFF)
    return say(_TROUBLE if one.trouble else _ON)


def _switch(on: bool) -> str:
    return say(_YES if on else _NO)


def _told(attribute: ReleasedAttribute) -> str:
    return f"{attribute.source}={attribute.name}" if attribute.name else attribute.source


def _way(end: Endpoint) -> str:
    """A logout end point with how it is spoken to."""
    binding = next((each.name.lower() for each in Binding if each.value == end.binding), end.binding)
    return f"{binding}: {end.location}"
