"""How a command ends: exit statuses, and what a person is told when it does not end well."""

from __future__ import annotations

import errno
from enum import IntEnum

import click
from msgspec import Struct

from govdir.cli.language import say
from govdir.directory.errors import Busy, DirectoryError, Unavailable
from govdir.policy.tables import PackError
from govdir.policy.texts import Wording
from govdir.settings import (
    BadSetting,
    ConfigError,
    ConfigNotToml,
    ConfigUnreadable,
    MissingSetting,
    UnknownSetting,
)


class ExitStatus(IntEnum):
    """The program's exit statuses; scripts rely on them."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    ENVIRONMENT = 3
    INTERRUPTED = 130


class Refused(Exception):
    """A rule refuses or a thing is not found; each text is a line for standard error."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class EnvironmentTrouble(Exception):
    """What the program stands on is not as it must be: what is wrong, then how to mend it."""

    def __init__(self, wrong: str, mend: str = "") -> None:
        super().__init__(wrong)
        self.wrong = wrong
        self.mend = mend


class Ending(Struct, frozen=True):
    """An exit status and the lines that say why."""

    status: ExitStatus
    lines: tuple[str, ...]


_ERROR = Wording("Lỗi: {text}", "Error: {text}")
_MEND = Wording("Cách khắc phục: {text}", "To mend it: {text}")
_TRY_HELP = Wording("Xem “{command} --help”.", 'See "{command} --help".')
_CONFIG: dict[type[ConfigError], Wording] = {
    ConfigUnreadable: Wording(
        "không đọc được cấu hình: {detail}", "the configuration cannot be read: {detail}"
    ),
    ConfigNotToml: Wording("không phải TOML hợp lệ: {detail}", "not valid TOML: {detail}"),
    UnknownSetting: Wording(
        "không có thiết lập “{key}”; ở đây có: {detail}", 'there is no setting "{key}"; there are: {detail}'
    ),
    BadSetting: Wording(
        "“{key}” có giá trị sai; được phép: {detail}", '"{key}" has a bad value; allowed: {detail}'
    ),
    MissingSetting: Wording(
        "thiếu thiết lập “{key}”, ví dụ {detail}", 'the setting "{key}" is missing, such as {detail}'
    ),
}
_SYSTEM = {
    errno.ENOENT: Wording("không có tệp hoặc thư mục này", "No such file or directory"),
    errno.EACCES: Wording("không có quyền đọc hoặc ghi ở đây", "Permission denied"),
    errno.EISDIR: Wording("là thư mục, không phải tệp", "Is a directory"),
    errno.ENOTDIR: Wording("có phần không phải là thư mục", "Not a directory"),
    errno.ENOSPC: Wording("đĩa đã đầy", "No space left on device"),
    errno.EROFS: Wording("chỉ đọc được, không ghi được", "Read-only file system"),
}
"""What the operating system says only in English, of what people meet."""

_UNAVAILABLE_MEND = Wording(
    "thử lại sau; kiểm tra tiến trình đang khóa cơ sở dữ liệu và dung lượng đĩa.",
    "try again; look for a process that locks the database, and at the disk's free space.",
)


def explain(error: Exception) -> Ending | None:
    """How the command ends after `error`; None when the error is none that may be expected."""
    match error:
        case Refused():
            return Ending(ExitStatus.REFUSED, error.lines)
        case EnvironmentTrouble():
            return _trouble(error.wrong, error.mend)
        case click.UsageError():
            return _usage(error)
        case ConfigError():
            place = f"{error.file}:{error.line}" if error.line else str(error.file)
            return _trouble(f"{place}: {say(_CONFIG[type(error)], key=error.key, detail=error.detail)}")
        case PackError():
            return _trouble(str(error))
        case Busy() | Unavailable():
            return _trouble(error.diagnostic, say(_UNAVAILABLE_MEND))
        case DirectoryError():
            return Ending(ExitStatus.REFUSED, (say(_ERROR, text=error.diagnostic or type(error).__name__),))
        case OSError():
            why = say(_SYSTEM[error.errno]) if error.errno in _SYSTEM else error.strerror
            return _trouble(f"{error.filename}: {why}" if error.filename else why or str(error))
    return None


def _trouble(wrong: str, mend: str = "") -> Ending:
    lines = (say(_ERROR, text=wrong), *((say(_MEND, text=mend),) if mend else ()))
    return Ending(ExitStatus.ENVIRONMENT, lines)


_MISSING = Wording("thiếu {kind} {name}", "missing {kind} {name}")
_NO_COMMAND = Wording("không có lệnh {name}", "there is no command {name}")
_NO_OPTION = Wording("không có tùy chọn {name}", "there is no option {name}")
_NO_VALUE = Wording("{name} cần có giá trị", "{name} needs a value")
_TAKES_NONE = Wording("{name} không nhận giá trị", "{name} takes no value")
_BAD_VALUE = Wording("giá trị sai cho {name}: {text}", "bad value for {name}: {text}")
_OPTION = Wording("tùy chọn", "option")
_ARGUMENT = Wording("đối số", "argument")


def _usage(error: click.UsageError) -> Ending:
    command = error.ctx.command_path if error.ctx is not None else "govdir"
    match error:
        case click.exceptions.NoArgsIsHelpError():
            return Ending(ExitStatus.USAGE, (error.format_message(),))
        case click.MissingParameter(param=click.Parameter() as parameter):
            kind = _OPTION if isinstance(parameter, click.Option) else _ARGUMENT
            text = say(_MISSING, kind=say(kind), name=_shown(parameter))
        case click.exceptions.NoSuchCommand():
            text = say(_NO_COMMAND, name=error.command_name)
        case click.NoSuchOption():
            text = say(_NO_OPTION, name=error.option_name)
        case click.BadOptionUsage() if type(error) is click.BadOptionUsage:
            wording = _NO_VALUE if "requires" in error.message else _TAKES_NONE  # all that click tells apart
            text = say(wording, name=error.option_name)
        case click.BadParameter(param=click.Parameter() as parameter):
            text = say(_BAD_VALUE, name=_shown(parameter), text=error.message)
        case _:
            text = error.format_message()
    return Ending(ExitStatus.USAGE, (say(_ERROR, text=text), say(_TRY_HELP, command=command)))


def _shown(parameter: click.Parameter) -> str:
    return "/".join(parameter.opts) if isinstance(parameter, click.Option) else parameter.human_readable_name
