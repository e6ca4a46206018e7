"""The naming grammars of the four other regulations, put into the shipped pack's frame.

They prove that a province is data: nothing but these texts differs from one to the next.
"""

from __future__ import annotations

from govdir.policy.load import read_pack
from govdir.policy.model import Pack
from tests.policy.packs import TEXT

_STEP = '[[mailbox.{kind}.ladder]]\nlocal = "{local}"\nby = "{by}"\n{more}\n'
_BY = {"person": "form_person", "leader": "form_person"}


def _mailbox(kind: str, label: str, steps: tuple[tuple[str, str], ...], more: str = "") -> str:
    head = TEXT.partition(f"[mailbox.{kind if kind != 'leader' else 'person'}]")[2].partition("[[")[0]
    lines = [line for line in head.splitlines() if not line.startswith(("label", "spelled", "#"))]
    if label:
        lines.append(f'label = "{label}"')
    by = _BY.get(kind, "form_agency")
    ladder = "".join(_STEP.format(kind=kind, local=local, by=by, more=extra) for local, extra in steps)
    return "\n".join([f"[mailbox.{kind}]", *lines, more, ladder])


def _pack(domain: str, types: str, sub_domains: bool, *mailboxes: str) -> Pack:
    frame = TEXT.partition("[mailbox.person]")[0]
    frame = frame.replace(
        'domain = "cantho.gov.vn"', f'domain = "{domain}"\nsub_domains = {str(sub_domains).lower()}'
    )
    frame = frame.replace('"quận" = "quan"', types).replace('"xã" = "xa"', '"xã" = "x"')
    return read_pack(f"{domain}.toml", frame + "\n".join(mailboxes))


_NAME = "{given}{surname.initials}{middle.initials}"
_FROM_TWO = "first = 2\nlast = 99"
_SUB = 'domain = "{parent.domain}.{domain}"'

DAKLAK = _pack(
    "daklak.gov.vn",
    "",
    True,
    _mailbox("person", "", ((_NAME, _SUB), (_NAME + "{letter}", _SUB + "\nlast = 26"))),
    _mailbox("leader", "", (("{surname}{middle}{given}", ""),)),
    _mailbox("commune", "{place}", (("{label}", _SUB),)),
)

VINHPHUC = _pack(
    "vinhphuc.gov.vn",
    "",
    False,
    _mailbox("person", "", ((_NAME, ""), (_NAME + "{number}", "last = 99"))),
    _mailbox("agency", "{initials}", (("{label}", ""),)),
)

DAKNONG = _pack(
    "daknong.gov.vn",
    "",
    False,
    _mailbox(
        "person",
        "",
        ((_NAME + ".{body}", ""), (_NAME + "{letter}.{body}", "last = 26")),
    ),
    _mailbox("list", "{full}", (("internal.{parent}", ""),)),
)

BINHPHUOC = _pack(
    "binhphuoc.gov.vn",
    '"thành phố" = "tp"',
    False,
    _mailbox(
        "person", "", ((_NAME + ".{parent}", ""), (_NAME + "{number}.{parent}", "first = 2\nlast = 99"))
    ),
    _mailbox(
        "unit", "{style}", (("{label}.{parent}", ""), ("{initials}.{parent}", "")), 'spelled = ["Phòng"]'
    ),
    _mailbox("district", "{type}{place.initials}", (("{label}", ""),)),
    _mailbox("commune", "{type}{place.initials}", (("{label}.{parent}", ""),)),
)
