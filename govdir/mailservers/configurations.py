"""Ready configurations of mail servers, with one directory's values filled in.

Each program has a folder of templates that mirrors where its files belong on the mail server. Templates are
Jinja2 with marks that none of the programs uses: `<< value >>`, `<% if … %>`, `<# remark #>`.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from msgspec import Struct, structs

from govdir.mailservers.programs import Program

_TEMPLATES: Final = "templates"


class Surroundings(Struct, frozen=True):
    """What a configuration says of one directory; each field is a name that templates know.

    `urls` are LDAP URLs on which StartTLS works, best first, and `server` and `port` those of the first;
    `dn` and `password` the service identity; `authority` the PEM of the CA the server's certificate is from;
    `domains` the mail domains known by name, the province's first, bodies' own left out; `sub_domains`
    whether bodies have such; `policy` where the policy service listens as host:port, "" where it does not,
    and `further_policies` where those of further nodes do, which are asked in turn;
    `people` how many mailboxes there are, for limits that have to be larger; `message_bytes` the largest
    message any mailbox may send; `doveadm_key` what govdir shows Dovecot's HTTP interface, "" where it asks
    none; `quota_warning` the percent of a quota from which its holder is warned, and `quota_warning_place`
    where that stands, "" where the regulation does not have it.
    """

    suffix: str
    domain: str
    urls: tuple[str, ...]
    server: str
    port: int
    dn: str
    password: str
    authority: str
    policy: str = ""
    further_policies: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    sub_domains: bool = False
    people: int = 0
    message_bytes: int = 0
    doveadm_key: str = ""
    quota_warning: int = 0
    quota_warning_place: str = ""


class ConfigurationFile(Struct, frozen=True):
    """One file: its path on the mail server, and its text. `secret`: the text holds the password or a key."""

    path: str
    text: str
    secret: bool


def configuration(program: Program, surroundings: Surroundings) -> tuple[ConfigurationFile, ...]:
    """The files a program needs, in the order of their paths."""
    environment = Environment(
        loader=PackageLoader("govdir.mailservers", f"{_TEMPLATES}/{program.name}"),
        variable_start_string="<<", variable_end_string=">>", block_start_string="<%", block_end_string="%>",
        comment_start_string="<#", comment_end_string="#>", line_comment_prefix=None,
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - no HTML
    )  # fmt: skip
    fields = structs.asdict(surroundings)
    written = []
    for path in paths(program):
        text = environment.get_template(path).render(fields)
        secret = any(each and each in text for each in (surroundings.password, surroundings.doveadm_key))
        written.append(ConfigurationFile(path, text, secret))
    return tuple(written)


def paths(program: Program) -> tuple[str, ...]:
    """Where its files belong on the mail server, in their order."""
    return tuple(sorted(_paths(files("govdir.mailservers") / _TEMPLATES / program.name, "/")))


def _paths(folder: Traversable, before: str) -> Iterator[str]:
    for each in folder.iterdir():
        if each.is_dir():
            yield from _paths(each, f"{before}{each.name}/")
        else:
            yield f"{before}{each.name}"
