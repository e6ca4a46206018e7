"""What the directory refuses, as types with fields; each carries the LDAP result code of RFC 4511 appendix A.

The text of an error is written for the person who meets it and never holds another person's data, a secret
or the text of an internal exception.
"""

from __future__ import annotations

from typing import ClassVar, Final

from govdir.ldap.codec.result_codes import ResultCode

NO_SUCH_ENTRY: Final = "không có mục này, hoặc không được xem (no such entry, or none that may be seen)"
"""The same whether there is one or not."""


class DirectoryError(Exception):
    """A refusal with its result code, the deepest existing ancestor the caller may know, and a diagnostic;
    with Referral also the URIs to go on at."""

    code: ClassVar[ResultCode] = ResultCode.OTHER
    referrals: tuple[str, ...] = ()

    def __init__(self, diagnostic: str = "", *, matched_dn: str = "") -> None:
        super().__init__(diagnostic)
        self.diagnostic = diagnostic
        self.matched_dn = matched_dn


class NoSuchObject(DirectoryError):
    """The named entry does not exist, or the caller may not know that it does."""

    code = ResultCode.NO_SUCH_OBJECT


class Referral(DirectoryError):
    """What the request names is held elsewhere (RFC 3296): at one of `referrals`, URIs (RFC 4511 §4.1.10)."""

    code = ResultCode.REFERRAL

    def __init__(self, diagnostic: str, *, referrals: tuple[str, ...], matched_dn: str) -> None:
        super().__init__(diagnostic, matched_dn=matched_dn)
        self.referrals = referrals


class AffectsMultipleDsas(DirectoryError):
    """A move to a place that is held elsewhere (RFC 3296 §5.6.2)."""

    code = ResultCode.AFFECTS_MULTIPLE_DSAS


class AliasProblem(DirectoryError):
    """An alias stands for an entry that does not exist or that the caller may not know of."""

    code = ResultCode.ALIAS_PROBLEM


class AliasDereferencingProblem(DirectoryError):
    """Aliases lead to each other and nowhere else."""

    code = ResultCode.ALIAS_DEREFERENCING_PROBLEM


class InvalidDn(DirectoryError):
    """The text is not a distinguished name (RFC 4514) of this schema."""

    code = ResultCode.INVALID_DN_SYNTAX


class EntryAlreadyExists(DirectoryError):
    """Another entry has that name."""

    code = ResultCode.ENTRY_ALREADY_EXISTS


class NotAllowedOnNonLeaf(DirectoryError):
    """The entry has subordinates."""

    code = ResultCode.NOT_ALLOWED_ON_NON_LEAF


class NotAllowedOnRdn(DirectoryError):
    """The change would remove a value that names the entry."""

    code = ResultCode.NOT_ALLOWED_ON_RDN


class NamingViolation(DirectoryError):
    """The RDN breaks a naming rule."""

    code = ResultCode.NAMING_VIOLATION


class ObjectClassViolation(DirectoryError):
    """A required attribute is missing, or one is not allowed, by the entry's object classes."""

    code = ResultCode.OBJECT_CLASS_VIOLATION


class ObjectClassModsProhibited(DirectoryError):
    """The structural object class of an entry cannot change."""

    code = ResultCode.OBJECT_CLASS_MODS_PROHIBITED


class UndefinedAttributeType(DirectoryError):
    """The schema has no such attribute."""

    code = ResultCode.UNDEFINED_ATTRIBUTE_TYPE


class NoSuchAttribute(DirectoryError):
    """The entry has no such attribute or value."""

    code = ResultCode.NO_SUCH_ATTRIBUTE


class AttributeOrValueExists(DirectoryError):
    """The entry already has that value."""

    code = ResultCode.ATTRIBUTE_OR_VALUE_EXISTS


class InvalidAttributeSyntax(DirectoryError):
    """A value does not conform to its attribute's syntax."""

    code = ResultCode.INVALID_ATTRIBUTE_SYNTAX


class InappropriateMatching(DirectoryError):
    """The attribute has no matching rule for this comparison."""

    code = ResultCode.INAPPROPRIATE_MATCHING


class ConstraintViolation(DirectoryError):
    """Single-valued twice, not modifiable by users, or not unique."""

    code = ResultCode.CONSTRAINT_VIOLATION


class RuleViolation(ConstraintViolation):
    """A rule of the province's regulation refuses; `rule` is its stable name, `citation` its Điều/khoản/điểm.

    `suggestion` is the value that would be right, None where there is none. The diagnostic holds all of it.
    """

    def __init__(self, diagnostic: str, *, rule: str, citation: str, suggestion: str | None = None) -> None:
        super().__init__(diagnostic)
        self.rule = rule
        self.citation = citation
        self.suggestion = suggestion


class PasswordTooYoung(ConstraintViolation):
    """The owner set the present password too short a time ago."""


class PasswordUsedBefore(ConstraintViolation):
    """The password is one of the owner's last ones."""


class PasswordTooShort(ConstraintViolation):
    """The policy asks for more characters."""


class PasswordTooLong(ConstraintViolation):
    """The policy takes no so many characters."""


class PasswordNotReadable(ConstraintViolation):
    """A hash, of which nobody can tell whether the password meets the rules."""


class InsufficientAccessRights(DirectoryError):
    """No access rule grants it."""

    code = ResultCode.INSUFFICIENT_ACCESS_RIGHTS


class AuthorizationDenied(DirectoryError):
    """The caller may not act as whom it names, or there is nobody of that name (RFC 4370 §3)."""

    code = ResultCode.AUTHORIZATION_DENIED


class MustChangePassword(InsufficientAccessRights):
    """The caller may do nothing but choose another password: others have set this one, or it expired."""


class PasswordChangeNotAllowed(InsufficientAccessRights):
    """The policy does not let owners change their password."""


class OldPasswordNeeded(InsufficientAccessRights):
    """The policy asks for the old password beside the new one."""


class InvalidCredentials(DirectoryError):
    """Unknown name, wrong password or closed account: always one and the same answer."""

    code = ResultCode.INVALID_CREDENTIALS


class AssertionFailed(DirectoryError):
    """The entry is not what the request asserts it to be (RFC 4528)."""

    code = ResultCode.ASSERTION_FAILED


class UnwillingToPerform(DirectoryError):
    """The server will not do it, and says why."""

    code = ResultCode.UNWILLING_TO_PERFORM


class SizeLimitExceeded(DirectoryError):
    """More entries match than were asked for or are granted; those already sent are valid."""

    code = ResultCode.SIZE_LIMIT_EXCEEDED


class TimeLimitExceeded(DirectoryError):
    """The search took longer than asked for or granted."""

    code = ResultCode.TIME_LIMIT_EXCEEDED


class AdminLimitExceeded(DirectoryError):
    """The answer would cost more than this server grants anybody."""

    code = ResultCode.ADMIN_LIMIT_EXCEEDED


class UnavailableCriticalExtension(DirectoryError):
    """A critical control that is not supported here, or cannot be honoured (RFC 4511 §4.1.11)."""

    code = ResultCode.UNAVAILABLE_CRITICAL_EXTENSION


class VirtualListViewError(DirectoryError):
    """The search failed because of its virtual list view; the view's own answer says how (draft-vlv-09)."""

    code = ResultCode.VIRTUAL_LIST_VIEW_ERROR


class ProtocolError(DirectoryError):
    """A request that RFC 4511 does not allow."""

    code = ResultCode.PROTOCOL_ERROR


class Busy(DirectoryError):
    """Too much is under way; try again."""

    code = ResultCode.BUSY


class Unavailable(DirectoryError):
    """The store cannot be reached; nothing was changed."""

    code = ResultCode.UNAVAILABLE


class UpdateFailed(Exception):
    """A transaction came to nothing because of its update `number`, counted from 0: `error` says why."""

    def __init__(self, number: int, error: DirectoryError) -> None:
        super().__init__(number, error)
        self.number = number
        self.error = error
