"""docs/reference/packs: one page per pack, written from it."""

from __future__ import annotations

from collections.abc import Iterator

from govdir.policy.model import Pack
from govdir.reference.addresses import address_part
from govdir.reference.duties import duty_part
from govdir.reference.markdown import code, rule, table


def render_page(pack: Pack) -> str:
    """The page of one pack: every rule with its article, examples worked by the program, our readings."""
    return "\n".join((*_head(pack), *_system(pack), *address_part(pack), *duty_part(pack), *_readings(pack)))


def render_index(packs: list[Pack]) -> str:
    """The page that lists the others."""
    rows = (
        (f"[{pack.name.vi}]({pack.province}.md)", pack.name.en, pack.document.number, code(pack.domain))
        for pack in packs
    )
    lines = table(("province", "", "regulation", "domain"), rows)
    return "# The regulations\n\n" + "\n".join(lines)


def _head(pack: Pack) -> Iterator[str]:
    document = pack.document
    yield f"# {pack.name.vi} ({pack.name.en})"
    yield ""
    yield f"{document.number}: {document.title}."
    yield f"Issued {document.issued}, in force {document.in_force}."
    yield ""
    yield f"Written from `govdir/policy/packs/{pack.province}.toml` by `python -m govdir.reference`."
    yield "What stands in *italics* instead of an article is the system's own rule; the regulation is silent."
    yield "[Readings](#readings) are ours and can be set otherwise in `govdir.toml`."
    yield ""


def _system(pack: Pack) -> Iterator[str]:
    public = "published" if pack.publication.public else "not published"
    yield "## The system"
    yield ""
    yield from table(
        ("rule", "what it says", "article"),
        (
            rule("managing body", pack.manager),
            rule("who may have a mailbox", pack.eligible),
            ("help desk", code(pack.helpdesk) or "no address known", ""),
            rule(f"domain {code(pack.domain)}", pack.domain_citation),
            rule("addresses are unique", pack.unique_citation),
            rule(f"displayed name {code(pack.display_name)}", pack.display_name_citation),
            rule("labels", pack.label_citation),
            rule(f"addresses are {public}", pack.publication.citation),
            rule("encoding", pack.encoding),
            rule("reorganisation", pack.reorganisation),
            rule("misuse", pack.misuse),
            *(rule("", other) for other in pack.other_rules),
        ),
    )


def _readings(pack: Pack) -> Iterator[str]:
    yield "## Readings"
    yield ""
    yield "Where the text is damaged, contradicts itself or is silent. To decide otherwise, set the"
    yield 'value in `govdir.toml` under `[pack_settings]`: `"mailbox.person.quota" = "2 GiB"`.'
    yield ""
    yield from table(
        ("setting", "value", "what the text says and how we read it"),
        (
            (code(reading.setting), code(reading.value), f"{reading.wording.en} · {reading.wording.vi}")
            for reading in pack.readings
        ),
    )
