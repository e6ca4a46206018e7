"""What govdir says to people, in Vietnamese and English, and how it is put together."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import Struct


class Language(StrEnum):
    """The languages every message exists in."""

    VIETNAMESE = "vi"
    ENGLISH = "en"


class _Number(int):
    """A number whose format specification may be the words for one and for any other number: "row|rows"."""

    def __format__(self, specification: str) -> str:
        one, either, others = specification.partition("|")
        if not either:
            return super().__format__(specification)
        return one if self == 1 else others


class Wording(Struct, frozen=True):
    """One message in both languages; `{field}` marks what `render` fills in.

    `{count:row|rows}` is "row" where the number `count` is 1, else "rows".
    """

    vi: str
    en: str

    def in_language(self, language: Language) -> str:
        """The text as it stands."""
        return self.en if language is Language.ENGLISH else self.vi

    def render(self, language: Language, **fields: object) -> str:
        """The text with its fields filled in; a field that is itself a Wording is put in that language.

        Without fields the text is left as it is: it may be a filled one that quotes braces.
        """
        if not fields:
            return self.in_language(language)
        plain = {key: _plain(value, language) for key, value in fields.items()}
        return self.in_language(language).format_map(plain)

    def filled(self, **fields: object) -> Wording:
        """The message with its fields filled in, still in both languages."""
        return Wording(self.render(Language.VIETNAMESE, **fields), self.render(Language.ENGLISH, **fields))


def _plain(value: object, language: Language) -> object:
    """What is filled in for a field."""
    match value:
        case Wording():
            return value.in_language(language)
        case bool():
            return value
        case int():
            return _Number(value)
    return value


PASSWORD_LENGTH: Final = Wording(
    "Mật mã phải có ít nhất {minimum} ký tự (hiện có {length}).",
    "The password must have at least {minimum} characters (it has {length}).",
)
PASSWORD_LENGTH_ASKED: Final = Wording(
    "Mật mã phải có ít nhất {minimum} ký tự.", "The password must have at least {minimum} characters."
)
PASSWORD_TOO_LONG: Final = Wording(
    "Mật mã không được dài quá {maximum} ký tự.",
    "The password must not be longer than {maximum} characters.",
)
PASSWORD_UPPER: Final = Wording(
    "Mật mã phải có ít nhất một chữ in hoa.", "The password must contain an upper-case letter."
)
PASSWORD_LOWER: Final = Wording(
    "Mật mã phải có ít nhất một chữ in thường.", "The password must contain a lower-case letter."
)
PASSWORD_DIGIT: Final = Wording("Mật mã phải có ít nhất một chữ số.", "The password must contain a digit.")
PASSWORD_SPECIAL: Final = Wording(
    "Mật mã phải có ít nhất một ký tự đặc biệt.", "The password must contain a special character."
)
PASSWORD_SPECIAL_CLOSED: Final = Wording(
    "Mật mã phải có ít nhất một ký tự đặc biệt trong số {specials}",
    "The password must contain one of the special characters {specials}",
)
PASSWORD_CONTROL: Final = Wording(
    "Mật mã không được có ký tự điều khiển.", "The password must not contain control characters."
)
PASSWORD_SAMPLE: Final = Wording(
    "Không được dùng mật mã mẫu đã công bố.", "Published sample passwords must not be used."
)
PASSWORD_OWN: Final = Wording(
    "Mật mã không được lấy từ họ tên, tên đăng nhập, địa chỉ thư, tên cơ quan hoặc tên miền.",
    "The password must not be made of one's name, login, address, agency or domain.",
)
PASSWORD_COMMON: Final = Wording(
    "Mật mã không được nằm trong danh sách mật mã quá phổ biến.",
    "The password must not be one of those that are too common.",
)
PASSWORD_PATTERN: Final = Wording(
    "Mật mã không được là dãy phím liền nhau, dãy ký tự liên tiếp hoặc ký tự lặp lại.",
    "The password must not be a run of neighbouring keys, consecutive characters or repetitions.",
)
PASSWORD_YEAR: Final = Wording(
    "Mật mã không được lấy năm hoặc ngày tháng năm (năm sinh, năm nay…) làm phần chính.",
    "The password must not have a year or date (of birth, the present one) as its main part.",
)
PASSWORD_ACCEPTED: Final = Wording(
    "Mật mã đạt yêu cầu đối với hộp thư {kind}.", "The password meets the rules for this mailbox: {kind}."
)
VERDICT_LINE: Final = Wording("{mark} {text} ({citation})", "{mark} {text} ({citation})")
MARK_PASSED: Final = Wording("đạt", "pass")
MARK_BROKEN: Final = Wording("KHÔNG đạt", "FAIL")
