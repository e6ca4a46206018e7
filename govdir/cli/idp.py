"""`govdir idp`: the identity provider's keys, renewed without anybody being locked out, and its metadata."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from msgspec import Struct

from govdir.cli.asking import make_sure, yes_option
from govdir.cli.command import Group, Verb, command, home_argument, json_option
from govdir.cli.days import shown_moment
from govdir.cli.language import say
from govdir.cli.local import open_directory
from govdir.cli.outcome import Refused
from govdir.cli.output import print_json, remark
from govdir.cli.sso import open_sso
from govdir.cli.table import print_table
from govdir.cli.trouble import told_as_trouble
from govdir.config import Config, load_config
from govdir.key_files import (
    KeyInTheWay,
    KeyName,
    activate_next_key,
    key_path,
    load_key_ring,
    make_next_key,
    publish_signing_keys,
    retire_old_key,
    settle_sso_files,
)
from govdir.policy.texts import Wording
from govdir.sso.idp.key_ring import KeyRing
from govdir.sso.saml.keys import SigningKey

PUBLISHED_BEFORE = timedelta(days=2)
"""So long a key is published before it signs: most service providers read metadata daily, if at all."""

idp = Group(
    "idp",
    Wording("Khóa và siêu dữ liệu SAML của phía đăng nhập.", "SAML keys and metadata of the sign-in site."),
    ("govdir idp metadata ./home -o idp.xml", "govdir idp keys ./home"),
    {
        "keys": Verb("govdir.cli.idp:keys", Wording("Các khóa hiện có.", "What keys there are.")),
        "new-key": Verb(
            "govdir.cli.idp:new_key",
            Wording("Tạo khóa kế tiếp và công bố trước.", "Make the next key and publish it early."),
        ),
        "activate-key": Verb(
            "govdir.cli.idp:activate_key",
            Wording("Ký bằng khóa kế tiếp.", "Sign with the next key from now on."),
        ),
        "retire-key": Verb("govdir.cli.idp:retire_key", Wording("Bỏ khóa cũ.", "Give up the former key.")),
        "adopt-keys": Verb(
            "govdir.cli.idp_adopt:adopt_keys",
            Wording(
                "Dùng khóa của HOME khi khóa trước đã mất.",
                "Go on with this home's keys, the former being lost.",
            ),
        ),
        "metadata": Verb(
            "govdir.cli.idp_metadata:metadata",
            Wording("Siêu dữ liệu cho các ứng dụng.", "The metadata that applications need."),
        ),
    },
)

_NAMES = {
    KeyName.CURRENT: Wording("đang ký", "signs"),
    KeyName.NEXT: Wording("kế tiếp, đã công bố", "next, published"),
    KeyName.OLD: Wording("cũ, còn công bố", "former, still published"),
}
_RELOAD = Wording(
    "Máy chủ đang chạy đọc lại khóa khi nhận SIGHUP (systemctl reload).",
    "A running server reads the keys again on SIGHUP (systemctl reload).",
)
_MADE = Wording(
    "Đã tạo khóa kế tiếp {fingerprint}. Khi mọi ứng dụng đã có siêu dữ liệu mới: govdir idp activate-key.",
    "Made the next key {fingerprint}. When all applications have the new metadata: govdir idp activate-key.",
)
_ACTIVE = Wording(
    "Từ nay ký bằng khóa {fingerprint}. Ứng dụng chưa biết khóa này: govdir sp set … --signing-key old. "
    "Khi không còn ứng dụng nào như thế: govdir idp retire-key.",
    "The key {fingerprint} signs now. For an application that does not know it yet: govdir sp set … "
    "--signing-key old. When there are no such any more: govdir idp retire-key.",
)
_RETIRED = Wording("Đã bỏ khóa cũ.", "The former key is gone.")
_MISSING = {
    KeyName.NEXT: Wording(
        "Chưa có khóa kế tiếp; tạo bằng govdir idp new-key.",
        "There is no next key; govdir idp new-key makes one.",
    ),
    KeyName.OLD: Wording("Không có khóa cũ.", "There is no former key."),
}
_THERE = {
    KeyName.NEXT: Wording(
        "Đã có khóa kế tiếp; dùng bằng govdir idp activate-key.",
        "There is a next key already; govdir idp activate-key puts it to use.",
    ),
    KeyName.OLD: Wording(
        "Còn khóa cũ của lần thay trước; bỏ bằng govdir idp retire-key.",
        "The former key of the last renewal is still there; govdir idp retire-key gives it up.",
    ),
}
_YOUNG = Wording(
    "Khóa kế tiếp mới được công bố từ {since}; ứng dụng chưa đọc lại siêu dữ liệu sẽ không nhận đăng nhập. "
    "Vẫn tiếp tục?",
    "The next key has been published since {since} only; applications that have not read the metadata again "
    "will refuse sign-ins. Go on?",
)
_PINNED = Wording(
    "Còn ứng dụng dùng khóa cũ: {names}. Khi các ứng dụng này đã biết khóa mới: "
    "govdir sp set … --signing-key current.",
    "These applications still rely on the former key: {names}. Once they know the new one: govdir sp set … "
    "--signing-key current.",
)


class ShownKey(Struct, frozen=True):
    """A signing key; `fingerprint` is the SHA-256 of its certificate, hexadecimal; times are UTC."""

    name: KeyName
    fingerprint: str
    bits: int
    since: datetime
    not_after: datetime
    file: str


@command(
    "keys",
    Wording("Liệt kê các khóa ký SAML của danh bạ.", "Lists the keys that sign SAML messages."),
    "govdir idp keys ./home",
)
@home_argument
@json_option
def keys(*, home: Path, as_json: bool) -> None:
    """`govdir idp keys`."""
    shown = list(_shown(load_config(home)))
    if as_json:
        print_json(shown)
    else:
        print_table(
            [
                (
                    one.name.value,
                    say(_NAMES[one.name]),
                    shown_moment(one.since),
                    f"RSA-{one.bits}",
                    one.fingerprint,
                )
                for one in shown
            ]
        )


@command(
    "new-key",
    Wording(
        "Bước đầu khi thay khóa: tạo khóa kế tiếp. Khóa này có trong siêu dữ liệu nhưng chưa ký, "
        "để các ứng dụng biết trước.",
        "The first step of renewing: makes the next key. It is in the metadata and does not sign yet, so "
        "that applications learn it before.",
    ),
    "govdir idp new-key ./home",
)
@home_argument
def new_key(*, home: Path) -> None:
    """`govdir idp new-key`."""
    config = load_config(home)
    _ring(config)
    try:
        made = make_next_key(config)
    except KeyInTheWay as error:
        raise _in_the_way(error) from None
    _publish(config)
    remark(say(_MADE, fingerprint=made.fingerprint))
    remark(say(_RELOAD))


@command(
    "activate-key",
    Wording(
        "Bước thứ hai: từ nay ký bằng khóa kế tiếp; khóa đang dùng thành khóa cũ và vẫn được công bố.",
        "The second step: the next key signs from now on; the one before stays published as the former.",
    ),
    "govdir idp activate-key ./home --yes",
)
@home_argument
@yes_option
def activate_key(*, home: Path, yes: bool) -> None:
    """`govdir idp activate-key`."""
    config = load_config(home)
    path = key_path(config, KeyName.NEXT)
    try:
        if path.exists():
            since = _since(path)
            if datetime.now(UTC) - since < PUBLISHED_BEFORE:
                make_sure(say(_YOUNG, since=shown_moment(since)), yes=yes)
            _ring(config)  # one that cannot be used is not put to use
        activate_next_key(config)
    except KeyInTheWay as error:
        raise _in_the_way(error) from None
    _publish(config)
    remark(say(_ACTIVE, fingerprint=_ring(config).current.fingerprint))
    remark(say(_RELOAD))


@command(
    "retire-key",
    Wording(
        "Bước cuối: xóa khóa cũ, siêu dữ liệu không còn khóa đó. Bị từ chối khi còn ứng dụng dùng khóa cũ.",
        "The last step: deletes the former key, which leaves the metadata. Refused while an application "
        "still relies on it.",
    ),
    "govdir idp retire-key ./home",
)
@home_argument
def retire_key(*, home: Path) -> None:
    """`govdir idp retire-key`."""
    config = load_config(home)
    with open_directory(config) as local, open_sso(local) as sso:
        pinned = [one.name for one in sso.services() if one.settings.signing_key == KeyName.OLD.value]
    if pinned and key_path(config, KeyName.OLD).exists():
        raise Refused(say(_PINNED, names=", ".join(pinned)))
    try:
        retire_old_key(config)
    except KeyInTheWay as error:
        raise _in_the_way(error) from None
    _publish(config)
    remark(say(_RETIRED))
    remark(say(_RELOAD))


def _ring(config: Config) -> KeyRing:
    with told_as_trouble(config.home):
        settle_sso_files(config)
        return load_key_ring(config)


def _publish(config: Config) -> None:
    with told_as_trouble(config.home):
        publish_signing_keys(config)


def _shown(config: Config) -> Iterator[ShownKey]:
    ring = _ring(config)
    for name, key in ((KeyName.CURRENT, ring.current), (KeyName.NEXT, ring.next), (KeyName.OLD, ring.old)):
        if key is not None:
            yield _shown_key(name, key, key_path(config, name))


def _shown_key(name: KeyName, key: SigningKey, path: Path) -> ShownKey:
    certificate = x509.load_der_x509_certificate(key.certificate)
    return ShownKey(
        name=name,
        fingerprint=key.fingerprint,
        bits=key.private.key_size,
        since=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        file=str(path),
    )


def _since(path: Path) -> datetime:
    """When the file was made; copying a home keeps it or makes it younger, never older."""
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _in_the_way(error: KeyInTheWay) -> Refused:
    return Refused(say((_MISSING if error.missing else _THERE)[error.name]))
