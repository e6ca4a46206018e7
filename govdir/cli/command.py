"""Commands and options whose help is in the reader's language and ends with an example."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

import click
from msgspec import Struct

from govdir import __version__
from govdir.cli.arguments import EXPLAINED
from govdir.cli.language import choose_language, say
from govdir.policy.load import PACK_ENDING, shipped_provinces
from govdir.policy.texts import Language, Wording
from govdir.settings import Kind

_USAGE = Wording("Cách dùng: ", "Usage: ")
_PIECES = {
    "[OPTIONS]": Wording("[TÙY CHỌN]", "[OPTIONS]"),
    "COMMAND [ARGS]...": Wording("LỆNH …", "COMMAND …"),
}
_ARGUMENTS = Wording("Đối số", "Arguments")
_OPTIONS = Wording("Tùy chọn", "Options")
_COMMANDS = Wording("Lệnh", "Commands")
_EXAMPLE = Wording("Ví dụ", "Example")
_LANGUAGE = Wording(
    "Ngôn ngữ của lệnh; mặc định theo locale.", "The command's language; the locale's by default."
)
_HELP = Wording("Hiện hướng dẫn này.", "Show this text.")
_JSON = Wording("In dữ liệu dạng JSON.", "Print the data as JSON.")
_ALLOWED = Wording("được phép: {allowed}", "allowed: {allowed}")
_REQUIRED = Wording("bắt buộc", "required")
_DEFAULT = Wording("mặc định: {value}", "default: {value}")

T = TypeVar("T")
Function = TypeVar("Function", bound=Callable[..., object])


class Option(click.Option):
    """An option explained in both languages."""

    def __init__(self, declarations: Sequence[str], *, wording: Wording, **attributes: Any) -> None:
        super().__init__(declarations, help=wording.en, **attributes)
        self.wording = wording

    def get_help_record(self, context: click.Context) -> tuple[str, str] | None:
        """The option's line of the help; the extras are click's, in the reader's language."""
        record = super().get_help_record(context)
        if record is None:
            return None
        extras = []
        if isinstance(self.default, (str, int)) and self.show_default:
            extras.append(say(_DEFAULT, value=self.default))
        if self.required:
            extras.append(say(_REQUIRED))
        return record[0], say(self.wording) + (f"  [{'; '.join(extras)}]" if extras else "")


class _Bilingual(click.Command):
    """What commands and groups share."""

    wording: Wording
    examples: tuple[str, ...] = ()

    def get_short_help_str(self, limit: int = 45) -> str:
        return say(self.wording).split("\n", 1)[0]

    def get_help_option(self, context: click.Context) -> click.Option | None:
        option = super().get_help_option(context)
        if option is not None:
            option.help = say(_HELP)
        return option

    def format_usage(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        pieces = self.collect_usage_pieces(context)
        said = [say(_PIECES[each]) if each in _PIECES else each for each in pieces]
        formatter.write_usage(context.command_path, " ".join(said), prefix=say(_USAGE))

    def format_help_text(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(say(self.wording))

    def format_options(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        parameters = self.get_params(context)
        arguments = [each for each in parameters if isinstance(each, click.Argument)]
        others = [each for each in parameters if not isinstance(each, click.Argument)]
        options = [record for each in others if (record := each.get_help_record(context))]
        for title, records in (
            (_ARGUMENTS, [_explained(each, context) for each in arguments]),
            (_OPTIONS, options),
        ):
            if records:
                with formatter.section(say(title)):
                    formatter.write_dl(records)

    def format_epilog(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        if self.examples:
            with formatter.section(say(_EXAMPLE)):
                for example in self.examples:
                    formatter.write(f"{'':>{formatter.current_indent}}{example}\n")


def _explained(argument: click.Argument, context: click.Context) -> tuple[str, str]:
    """An argument's line of the help."""
    shown = argument.make_metavar(context)
    explanation = EXPLAINED.get(shown.strip("[]"))
    return shown, "" if explanation is None else say(explanation)


class Command(_Bilingual):
    """A command; `examples` are whole command lines."""

    def __init__(
        self, name: str, wording: Wording, examples: Sequence[str], callback: Callable[..., object]
    ) -> None:
        # Decorators leave the function's parameters here, the last one first (click's own convention).
        parameters = list(reversed(getattr(callback, "__click_params__", [])))
        super().__init__(name, callback=callback, params=[*parameters, language_option()], help=wording.en)
        self.wording = wording
        self.examples = tuple(examples)


class Verb(Struct, frozen=True):
    """A command not imported yet: where it is ("module:attribute") and its line in the list of commands."""

    target: str
    wording: Wording


class Group(_Bilingual, click.Group):
    """A noun; a verb is imported when it is called, so that no command pays for another's imports."""

    def __init__(
        self,
        name: str,
        wording: Wording,
        examples: Sequence[str],
        verbs: Mapping[str, Verb],
        **attributes: Any,
    ) -> None:
        super().__init__(name, help=wording.en, no_args_is_help=True, **attributes)
        self.params.append(language_option())
        self.wording = wording
        self.examples = tuple(examples)
        self._verbs = verbs

    def list_commands(self, context: click.Context) -> list[str]:
        return list(self._verbs)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in self._verbs:
            return None
        module, _, attribute = self._verbs[name].target.partition(":")
        command = getattr(import_module(module), attribute)
        return command if isinstance(command, click.Command) else None

    def format_options(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_options(context, formatter)
        with formatter.section(say(_COMMANDS)):
            formatter.write_dl([(name, say(verb.wording)) for name, verb in self._verbs.items()])


def language_option() -> Option:
    """`--lang vi|en`, which every command has."""
    return Option(
        ["--lang"],
        wording=_LANGUAGE,
        type=click.Choice([each.value for each in Language]),
        expose_value=False,
        is_eager=True,
        callback=choose_language,
    )


def version_option() -> Option:
    """`--version`, for the root command."""

    def show(context: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
        if wanted:
            click.echo(f"govdir {__version__}")
            context.exit()

    wording = Wording("Hiện phiên bản.", "Show the version.")
    return Option(
        ["--version"], wording=wording, is_flag=True, expose_value=False, is_eager=True, callback=show
    )


def command(name: str, wording: Wording, *examples: str) -> Callable[[Callable[..., object]], Command]:
    """Decorates a function into a command."""
    return lambda callback: Command(name, wording, examples, callback)


def option(*declarations: str, wording: Wording, **attributes: Any) -> Callable[[Function], Function]:
    """Decorates a function with an option."""
    return click.option(*declarations, cls=Option, wording=wording, **attributes)


def json_option(function: Function) -> Function:
    """Decorates a function with `--json`, given to it as `as_json`."""
    return option("--json", "as_json", is_flag=True, wording=_JSON)(function)


def home_argument(function: Function) -> Function:
    """Decorates a function with the argument HOME."""
    return click.argument("home", metavar="HOME", type=click.Path(path_type=Path))(function)


def name_part_options(function: Function) -> Function:
    """Decorates a function with --surname, --middle and --given, the parts of a person's name."""
    surname = option(
        "--surname", wording=Wording("Họ, thay cho cách tách tự động.", "The surname, in place of the split.")
    )
    middle = option(
        "--middle", wording=Wording("Chữ lót, thay cho cách tách tự động.", "The middle name, likewise.")
    )
    given = option(
        "--given", wording=Wording("Tên, thay cho cách tách tự động.", "The given name, likewise.")
    )
    return surname(middle(given(function)))


def province_option(function: Function) -> Function:
    """Decorates a function with `--province`: a shipped pack, or the file of another (load_named)."""
    wording = Wording(
        "Tỉnh, thành phố có quy chế, hoặc tệp *.toml chứa quy chế.",
        "The province whose regulation rules, or a file *.toml that holds one.",
    )
    return option("--province", required=True, type=_Province(shipped_provinces()), wording=wording)(function)


class _Province(click.Choice[str]):
    """One of the shipped provinces, or any file that may be a pack."""

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if isinstance(value, str) and value.endswith(PACK_ENDING):
            return value
        return super().convert(value, param, ctx)


def accepted_by(kind: Kind[T]) -> Callable[[click.Context, click.Parameter, str | None], T | None]:
    """An option's callback that reads its value as the configuration would."""

    def callback(_context: click.Context, _parameter: click.Parameter, value: str | None) -> T | None:
        if value is None:
            return None
        try:
            return kind.accept(value)
        except ValueError:
            raise click.BadParameter(say(_ALLOWED, allowed=kind.allowed)) from None

    return callback
