"""The settings of a service provider as options of `sp add` and `sp set`, in words for its URIs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import click
from msgspec.structs import replace

from govdir.cli.command import Function, option
from govdir.cli.language import say
from govdir.cli.local import LocalDirectory
from govdir.cli.org_lookup import find_body
from govdir.cli.outcome import Refused
from govdir.directory.roles import HeldRole
from govdir.policy.kinds import MailboxKind
from govdir.policy.texts import Wording
from govdir.sso.idp.name_ids import NameIds
from govdir.sso.idp.release import USUAL_SOURCES, Release
from govdir.sso.model import Encryption, ReleasedAttribute, ServiceSettings
from govdir.sso.saml.keys import SignatureMethod
from govdir.sso.saml.model import NameIdFormat

ANY: Final = "any"
"""For --agency, --kind and --role: no restriction."""

DEFAULT: Final = "default"
"""For --attributes: the usual ones, whatever they will be."""

NAME_IDS: Final = {
    "email": NameIdFormat.EMAIL,
    "persistent": NameIdFormat.PERSISTENT,
    "transient": NameIdFormat.TRANSIENT,
    "unspecified": NameIdFormat.UNSPECIFIED,
}
SIGNATURES: Final = {
    "sha256": SignatureMethod.RSA_SHA256,
    "sha384": SignatureMethod.RSA_SHA384,
    "sha512": SignatureMethod.RSA_SHA512,
}
ENCRYPTIONS: Final = {
    "aes256-gcm": "http://www.w3.org/2009/xmlenc11#aes256-gcm",
    "aes128-gcm": "http://www.w3.org/2009/xmlenc11#aes128-gcm",
    "aes256-cbc": "http://www.w3.org/2001/04/xmlenc#aes256-cbc",
    "aes128-cbc": "http://www.w3.org/2001/04/xmlenc#aes128-cbc",
}
SIGNED: Final = {"both": (True, True), "assertion": (True, False), "response": (False, True)}
"""sign_assertion and sign_response."""
REQUESTS: Final[Mapping[str, bool | None]] = {"yes": True, "no": False, "metadata": None}
STATES: Final = ("active", "sendBlocked")  # nobody else signs in at all

_TITLE = Wording("Tên hiện cho người dùng.", "What people see it called; its metadata's name by default.")
_NAME_ID = Wording(
    "Tên định danh: địa chỉ thư, mã riêng lâu dài, mã tạm, hoặc không nêu dạng (là địa chỉ). Ban đầu là địa "
    "chỉ; là mã lâu dài nếu siêu dữ liệu nêu mã đó mà không nêu địa chỉ.",
    "The name identifier: mail address, one for this application only that lasts, one for the session, or "
    "of no said format (the address). At first the address, or the lasting one when "
    "its metadata lists that and no address.",
)
_ATTRIBUTES = Wording(
    "Thuộc tính được cho biết, cách nhau bằng dấu phẩy, thay cho bộ thông thường; “default”: bộ đó.",
    'Attributes it is told, with commas, in place of the usual ones; "default" for those.',
)
_ATTRIBUTE = Wording(
    "Thêm một thuộc tính dưới tên khác: NGUỒN=TÊN.", "One more attribute under a name of its own."
)
_BASIC = Wording(
    "Tên thuộc tính ngắn (“mail”) thay cho URI.", 'Short attribute names ("mail") in place of URIs.'
)
_STATE = Wording("Hộp thư ở trạng thái này được vào.", "Mailboxes in this state get in.")
_KIND = Wording(
    "Chỉ loại hộp thư này; “any”: mọi loại.", 'Only mailboxes of this kind; "any" lifts the restriction.'
)
_AGENCY = Wording(
    "Chỉ người thuộc cơ quan, đơn vị này; “any”: mọi nơi.",
    'Only who works in this body or below; "any" lifts the restriction.',
)
_ROLE = Wording(
    "Chỉ người giữ vai trò này; “any”: mọi người.",
    'Only holders of this role; "any" lifts the restriction.',
)
_FACTOR = Wording("Cần mã xác thực ngoài mật mã.", "A second factor is needed besides the password.")
_INITIATED = Wording(
    "Được mở từ trang của mình, không do ứng dụng yêu cầu.",
    "May be opened from our own page, without its having asked.",
)
_RELAY = Wording("RelayState khi mở như vậy.", "The RelayState then.")
_REQUESTS = Wording(
    "Yêu cầu của ứng dụng phải được ký; “metadata”: theo siêu dữ liệu.",
    'Whether its requests must be signed; "metadata": as that says.',
)
_SHA1 = Wording("Nhận cả chữ ký SHA-1 của ứng dụng.", "Takes its signatures with SHA-1 too.")
_LOGOUT = Wording(
    "Nhận yêu cầu đăng xuất không ký, chỉ cho phiên của chính trình duyệt đó.",
    "Takes unsigned logout requests, for the browser's own session only.",
)
_SIGN = Wording("Ký phần nào của câu trả lời.", "What of an answer is signed.")
_SIGNATURE = Wording("Thuật toán ký.", "The signatures' digest.")
_KEY = Wording(
    "Khóa ký cho ứng dụng này khi đang thay khóa.", "Which key signs for it while keys are renewed."
)
_ENCRYPTION = Wording("Mã hóa assertion.", "Whether assertions are encrypted.")
_METHOD = Wording("Thuật toán mã hóa.", "The cipher.")
_MINUTES = Wording(
    "Phiên ở ứng dụng hết hạn sau từng này phút (0: không nêu).",
    "Its session ends after so many minutes (0: not said).",
)
_ENABLED = Wording("Có phục vụ ứng dụng này không.", "Whether it is served.")

_BAD_SOURCE = Wording(
    "Không có thuộc tính “{name}”, hoặc thuộc tính đó không được cho biết.",
    'There is no attribute "{name}", or it is never told.',
)
_BAD_PAIR = Wording("“{text}” không có dạng NGUỒN=TÊN", '"{text}" is not SOURCE=NAME')

_Choice = click.Choice
_OPTIONS: Final[tuple[tuple[tuple[str, ...], Wording, dict[str, Any]], ...]] = (
    (("--title",), _TITLE, {"metavar": "TEXT"}),
    (("--name-id",), _NAME_ID, {"type": _Choice(list(NAME_IDS))}),
    (("--attributes",), _ATTRIBUTES, {"metavar": "A,B,…"}),
    (("--attribute",), _ATTRIBUTE, {"metavar": "SOURCE=NAME", "multiple": True}),
    (("--basic-names/--uri-names",), _BASIC, {"default": None}),
    (("--state",), _STATE, {"type": _Choice(STATES), "multiple": True}),
    (("--kind",), _KIND, {"type": _Choice([*(each.value for each in MailboxKind), ANY]), "multiple": True}),
    (("--agency",), _AGENCY, {"metavar": "BODY", "multiple": True}),
    (("--role",), _ROLE, {"type": _Choice([*(each.value for each in HeldRole), ANY]), "multiple": True}),
    (("--second-factor/--no-second-factor",), _FACTOR, {"default": None}),
    (("--idp-initiated/--no-idp-initiated",), _INITIATED, {"default": None}),
    (("--default-relay-state",), _RELAY, {"metavar": "TEXT"}),
    (("--signed-requests",), _REQUESTS, {"type": _Choice(list(REQUESTS))}),
    (("--allow-sha1/--no-sha1", "allow_sha1"), _SHA1, {"default": None}),
    (("--unsigned-logout/--signed-logout", "unsigned_logout"), _LOGOUT, {"default": None}),
    (("--sign",), _SIGN, {"type": _Choice(list(SIGNED))}),
    (("--signature",), _SIGNATURE, {"type": _Choice(list(SIGNATURES))}),
    (("--signing-key",), _KEY, {"type": _Choice(["current", "next", "old"])}),
    (("--encryption",), _ENCRYPTION, {"type": _Choice([each.value for each in Encryption])}),
    (("--encryption-method",), _METHOD, {"type": _Choice(list(ENCRYPTIONS))}),
    (("--session-minutes",), _MINUTES, {"type": click.IntRange(0, 7 * 24 * 60)}),
    (("--enable/--disable", "enabled"), _ENABLED, {"default": None}),
)


_TAKEN_OVER: Final = (
    "title",
    "default_relay_state",
    "signing_key",
    "session_minutes",
    "basic_names",
    "enabled",
    "second_factor",
    "idp_initiated",
    "allow_sha1",
    "unsigned_logout",
)
"""Options whose value is the setting's, of the same name."""


def settings_options(function: Function) -> Function:
    """Decorates a function with all of them; it takes them as `**given`, for `changed_settings`."""
    for declarations, wording, attributes in reversed(_OPTIONS):
        function = option(*declarations, wording=wording, **attributes)(function)
    return function


def changed_settings(
    local: LocalDirectory, settings: ServiceSettings, given: Mapping[str, Any]
) -> ServiceSettings:
    """The settings with what the options say; options that were not given change nothing. Raises Refused."""
    changes: dict[str, Any] = {name: value for name in _TAKEN_OVER if (value := given.get(name)) is not None}
    for name, field, words in (
        ("name_id", "name_id", NAME_IDS),
        ("signature", "signature_method", SIGNATURES),
        ("encryption_method", "encryption_method", ENCRYPTIONS),
        ("signed_requests", "signed_requests", REQUESTS),
    ):
        if (word := given.get(name)) is not None:
            changes[field] = words[word]
    if (word := given.get("encryption")) is not None:
        changes["encryption"] = Encryption(word)
    if (word := given.get("sign")) is not None:
        changes["sign_assertion"], changes["sign_response"] = SIGNED[word]
    changes |= _rule(local, given)
    if given.get("attributes") is not None or given.get("attribute"):
        changes["attributes"] = _attributes(local, settings, given)
    return replace(settings, **changes)


def _rule(local: LocalDirectory, given: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The parts of the access rule that were given."""
    rule: dict[str, tuple[str, ...]] = {}
    if states := given.get("state"):
        rule["states"] = tuple(dict.fromkeys(states))
    if kinds := given.get("kind"):
        rule["kinds"] = () if ANY in kinds else tuple(MailboxKind(kind).attribute_value for kind in kinds)
    if roles := given.get("role"):
        rule["roles"] = () if ANY in roles else tuple(dict.fromkeys(roles))
    if agencies := given.get("agency"):
        rule["agencies"] = () if ANY in agencies else tuple(find_body(local, one).dn for one in agencies)
    return rule


def _attributes(
    local: LocalDirectory, settings: ServiceSettings, given: Mapping[str, Any]
) -> tuple[ReleasedAttribute, ...]:
    """Those of --attributes, else as they were, and those of --attribute besides."""
    listed, usual = given.get("attributes"), tuple(map(ReleasedAttribute, USUAL_SOURCES))
    wanted = list(settings.attributes or usual) if listed is None else []
    if listed is not None and listed != DEFAULT:
        wanted = [ReleasedAttribute(name) for part in listed.split(",") if (name := part.strip())]
    pairs = given.get("attribute") or ()
    if listed == DEFAULT:
        if not pairs:
            return ()
        wanted = list(usual)
    for pair in pairs:
        source, equals, name = pair.partition("=")
        if not (source and equals and name):
            raise click.UsageError(say(_BAD_PAIR, text=pair))
        wanted.append(ReleasedAttribute(source, name))
    release = Release(local.directory, NameIds(b"", ""), "")  # only asked what it knows
    for one in wanted:
        if not release.is_known(one.source):
            raise Refused(say(_BAD_SOURCE, name=one.source))
    return tuple(dict.fromkeys(wanted))


def word_of(words: Mapping[str, object], value: object) -> str:
    """The option's word for a stored value; the value itself when it has none."""
    return next((word for word, held in words.items() if held == value), str(value))
