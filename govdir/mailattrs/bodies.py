"""What a body registers besides its address: its label, its mail domain, and how long it exists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from govdir.directory.entry import Attributes
from govdir.mailattrs import labels
from govdir.mailattrs.change import EntryChange
from govdir.mailattrs.domains import DOMAIN_CLASS, alias_trouble
from govdir.mailattrs.ladder import Subject, local_part
from govdir.mailattrs.moments import day_text, moment_of
from govdir.mailattrs.places import label_of, name_of, stated_kind
from govdir.mailattrs.refusals import Refusals
from govdir.mailattrs.settlement import Settled
from govdir.policy.model import MailboxKind, Pack
from govdir.policy.texts import Wording

_LABEL_TAKEN: Final = Wording(
    "Nhãn “{label}” là của {body}; địa chỉ của hai cơ quan sẽ lẫn với nhau. Hãy đặt nhãn khác ở gdOrgCode.",
    "The label “{label}” is that of {body}; both bodies' addresses would mix. Give another one in gdOrgCode.",
)
_LABEL_RESERVED: Final = Wording(
    "Nhãn “{label}” trùng với tên dành riêng. Hãy đặt nhãn khác ở gdOrgCode.",
    "The label “{label}” is a reserved name. Give another one in gdOrgCode.",
)
_LABEL_RETIRED: Final = Wording(
    "Nhãn “{label}” đã được dùng và địa chỉ {address} còn được giữ lại. Hãy đặt nhãn khác ở gdOrgCode.",
    "The label “{label}” was in use and the address {address} is kept. Give another one in gdOrgCode.",
)
_DOMAIN_TAKEN: Final = Wording(
    "Tên miền {domain} là của {body}. Hãy đặt tên miền khác ở associatedDomain.",
    "The mail domain {domain} is that of {body}. Give another one in associatedDomain.",
)
_NOT_YET: Final = Wording(
    "{body} chỉ hoạt động từ ngày {day}, trước đó không cấp hộp thư mới.",
    "{body} exists only from {day} on; before, it takes no new mailboxes.",
)
_NO_LONGER: Final = Wording(
    "{body} đã ngừng hoạt động từ ngày {day}, không cấp hộp thư mới.",
    "{body} has not existed since {day}; it takes no new mailboxes.",
)
_SUCCESSOR: Final = Wording(
    "{why} Cơ quan tiếp nhận: {successors}.", "{why} What came after it: {successors}."
)
_ENDS_FIRST: Final = Wording("gdValidTo phải sau gdValidFrom.", "gdValidTo must be later than gdValidFrom.")
_TOP: Final = (MailboxKind.AGENCY, MailboxKind.DISTRICT)
"""Bodies whose labels end the addresses of others and so are one series in the whole province."""


class BodyRegister:
    """One pack's rules on the labels, domains and dates of bodies. Every method raises RuleViolation.

    Not `strictly`, for taking over a directory: bodies that have ended keep their people, and labels whose
    addresses others hold.
    """

    def __init__(self, pack: Pack, refusals: Refusals, *, strictly: bool) -> None:
        self._pack = pack
        self._refusals = refusals
        self._strictly = strictly

    def enter(self, change: EntryChange, subject: Subject, settled: Settled | None) -> None:
        """gdOrgCode and associatedDomain of a new body, and what forbids them; `settled` is its address."""
        if "gdorganization" not in change.classes:
            return
        entry, rules = change.entry, subject.rules
        if "gdOrgCode" not in entry:
            label = subject.fields["label"]
            if settled is not None:
                local = local_part(settled.address)
                label = labels.registered_label(
                    rules.kind, local, subject.fields, by_ladder=settled.by_ladder
                )
            entry.replace("gdOrgCode", (label,))
        if "associatedDomain" not in entry:
            fields = {**subject.fields, "label": entry.text("gdOrgCode") or ""}
            domain = labels.domain_label(rules, fields, subject.override)
            if domain is not None:
                entry.replace("associatedDomain", (f"{domain}.{self._pack.domain}",))
        self._check(change, rules.kind)

    def enter_unprovided(self, change: EntryChange) -> None:
        """gdOrgCode of a body of a kind that the regulation gives no mailboxes: its ou or its initials."""
        if not change.lacks_label:
            return
        stated = change.entry.text("ou") or ""
        label = (
            stated if labels.is_label(stated) else labels.read_name(change.name, self._pack.words).initials
        )
        change.entry.replace("gdOrgCode", (label,))

    def follow(self, before: Attributes, change: EntryChange) -> None:
        """A changed label, domain or date is judged as a new one is. Behind a new domain stays the old one,
        for the addresses that still are in it."""
        kind = change.kind
        if kind is None or "gdorganization" not in change.classes:
            return
        self._keep_domain(before, change.entry)
        watched = ("gdOrgCode", "associatedDomain", "gdValidFrom", "gdValidTo")
        if any(before.values(name) != change.entry.values(name) for name in watched):
            self._check(change, kind)

    def _keep_domain(self, before: Attributes, entry: Attributes) -> None:
        former, domains = before.texts("associatedDomain")[:1], entry.texts("associatedDomain")
        for domain in former:
            known = domain.lower() in {each.lower() for each in domains}
            if domains and not known and self._pack.has_domain(domain.lower()):
                entry.replace("associatedDomain", (*domains, domain))

    def check_open(self, change: EntryChange) -> None:
        """Refuses a new mailbox in a body that does not exist yet, or no longer."""
        if not self._strictly:
            return
        for body in change.above:
            if "gdorganization" in body.object_classes:
                self._check_exists(body, change)

    def _check_exists(self, body: Attributes, change: EntryChange) -> None:
        since, until = moment_of(body, "gdValidFrom"), moment_of(body, "gdValidTo")
        name = name_of(body) or ""
        if since is not None and change.near.moment < since:
            why = _NOT_YET.filled(body=name, day=day_text(since))
        elif until is not None and change.near.moment >= until:
            why = _NO_LONGER.filled(body=name, day=day_text(until))
            found = [change.near.entry(dn) for dn in body.texts("gdSuccessor")]
            successors = [name_of(each) or "" for each in found if each is not None]
            if successors:
                why = _SUCCESSOR.filled(why=why, successors=", ".join(successors))
        else:
            return
        raise self._refusals.violation("body-validity", why, self._pack.label_citation)

    def _check(self, change: EntryChange, kind: MailboxKind) -> None:
        entry, cited = change.entry, self._pack.label_citation
        since, until = moment_of(entry, "gdValidFrom"), moment_of(entry, "gdValidTo")
        if since is not None and until is not None and until <= since:
            raise self._refusals.violation("body-validity", _ENDS_FIRST, cited)
        for domain in entry.texts("associatedDomain"):
            trouble = alias_trouble(domain.lower(), change.near)
            if trouble is not None:
                raise self._refusals.violation("domain-taken", trouble, cited)
            for other in change.near.others_with("associatedDomain", domain):
                if DOMAIN_CLASS in other.object_classes:
                    continue
                why = _DOMAIN_TAKEN.filled(domain=domain, body=name_of(other) or label_of(other))
                raise self._refusals.violation("domain-taken", why, cited)
        label = entry.text("gdOrgCode")
        if label is None or kind not in _TOP:
            return
        for other in change.near.others_with("gdOrgCode", label):
            if stated_kind(other) in _TOP:
                why = _LABEL_TAKEN.filled(label=label, body=name_of(other) or label)
                raise self._refusals.violation("label-taken", why, cited)
        if self._strictly and label.lower() in self._pack.reserved:
            why = _LABEL_RESERVED.filled(label=label)
            raise self._refusals.violation("label-reserved", why, self._pack.reserved_citation)
        address = f"{label.lower()}@{self._pack.domain}"
        if self._strictly and change.taken(address):
            why = _LABEL_RETIRED.filled(label=label, address=address)
            raise self._refusals.violation("label-taken", why, cited)


def ending(fields: Mapping[str, str]) -> tuple[str, ...]:
    """How the local parts end that a body may choose for its own units and lists; `fields` are its place's.

    A commune's label alone may be that of another district's commune: its whole local part counts.
    """
    agency, parent = fields.get("agency", ""), fields.get("parent", "")
    found = (agency, parent) if "." not in agency else (agency,)
    return tuple(f".{label}" for label in found if label)
