"""What the values of controls have in common."""

from __future__ import annotations

from govdir.ldap.codec import ber
from govdir.ldap.codec.errors import DecodeError
from govdir.ldap.codec.messages import Control
from govdir.ldap.codec.result_codes import ResultCode


def value_of(control: Control) -> bytes:
    """The value of a control that must have one; raises DecodeError when it has none."""
    if control.value is None:
        raise DecodeError(f"control {control.oid}: controlValue is missing")
    return control.value


def value_reader(control: Control) -> ber.Reader:
    """A reader over that value."""
    return ber.Reader(value_of(control))


def only_sequence(control: Control, what: str) -> ber.Reader:
    """A reader over the elements of a value that is one SEQUENCE named `what`; raises DecodeError."""
    return ber.only_sequence(value_of(control), what)


def expect_no_value(control: Control) -> None:
    """Raises DecodeError when a control that has no value brings one.

    An empty one is let pass: Directory Studio and JNDI send it.
    """
    if control.value:
        raise DecodeError(f"control {control.oid}: controlValue must be absent")


def expect_critical(control: Control) -> None:
    """Raises DecodeError when a control that must be critical is not."""
    if not control.critical:
        raise DecodeError(f"control {control.oid}: it must be critical")


def result_code(content: ber.Reader, what: str) -> ResultCode:
    """An ENUMERATED result code; raises DecodeError for one that nobody has defined."""
    number = content.integer(ber.ENUMERATED, what)
    try:
        return ResultCode(number)
    except ValueError:
        raise DecodeError(f"{what}: {number} is no result code") from None
