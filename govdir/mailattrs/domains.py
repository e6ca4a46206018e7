"""Domains that mail is taken for besides the regulation's own: what entries of ou=domains may say."""

from __future__ import annotations

from typing import Final

from govdir.directory.dn import Dn
from govdir.directory.domains import CONTAINER
from govdir.directory.entry import Attributes
from govdir.directory.rules import Neighbourhood
from govdir.mailattrs.ladder import parse_address
from govdir.mailattrs.places import label_of, name_of
from govdir.mailattrs.refusals import Refusals
from govdir.policy.model import Pack
from govdir.policy.texts import Wording

DOMAIN_CLASS: Final = "gdmaildomain"

_PLACE: Final = Wording(
    "Tên miền thư chỉ được ghi ngay dưới ou=domains.", "A mail domain is entered right below ou=domains."
)
_SINGLE: Final = Wording(
    "Mỗi mục ghi một tên miền ở associatedDomain; tên miền thay cho nó ghi ở gdDomainAlias.",
    "An entry names one domain in associatedDomain; those that stand for it go to gdDomainAlias.",
)
_MALFORMED: Final = Wording(
    "“{domain}” không phải tên miền thư (ví dụ lamdong.gov.vn).",
    "“{domain}” is no mail domain (such as lamdong.gov.vn).",
)
_ITSELF: Final = Wording(
    "Tên miền {domain} không thể thay cho chính nó.", "The domain {domain} cannot stand for itself."
)
_PROVINCE: Final = Wording(
    "{domain} là tên miền của hệ thống theo quy chế, không thay cho tên miền khác và không xóa được.",
    "{domain} is the domain that the regulation names: it stands for no other and cannot be taken away.",
)
_IS_MAIN: Final = Wording(
    "{domain} là tên miền của {holder}, có địa chỉ riêng, nên không thay cho tên miền khác.",
    "{domain} is the domain of {holder} with addresses of its own, so it stands for no other.",
)
_IS_ALIAS: Final = Wording(
    "{domain} đang thay cho tên miền {holder}; một tên miền chỉ thay cho một tên miền khác, qua một bước.",
    "{domain} stands for the domain {holder}; a domain stands for one other, in one step.",
)
_TAKEN: Final = Wording("Tên miền {domain} đã có rồi.", "There is an entry of the domain {domain} already.")
_STANDS_FOR: Final = Wording(
    "Địa chỉ {address} là của người giữ {other}, vì tên miền của nó thay cho tên miền kia; chỉ người "
    "quản trị hệ thống cấp riêng được.",
    "The address {address} is that of whoever holds {other}, since its domain stands for the other; only an "
    "operator gives it to somebody else.",
)


class MailDomains:
    """One pack's rules on gdMailDomain. Every method raises RuleViolation."""

    def __init__(self, pack: Pack, refusals: Refusals) -> None:
        self._pack = pack
        self._refusals = refusals

    def check(self, before: Attributes | None, entry: Attributes, near: Neighbourhood) -> None:
        """A new or changed entry: where it stands, the domain it names, and those that stand for it."""
        self._check_place(entry, near)
        mains = entry.texts("associatedDomain")
        if before is not None and self._pack.domain in _lower(before.texts("associatedDomain")):
            self._check_kept(mains)
        if len(mains) != 1:
            raise self._refused(_SINGLE)
        main = mains[0].lower()
        aliases = list(_lower(entry.texts("gdDomainAlias")))
        for domain in (main, *aliases):
            if parse_address(f"x@{domain}") is None:
                raise self._refused(_MALFORMED.filled(domain=domain))
        for other in near.others_with("associatedDomain", main):
            if DOMAIN_CLASS in other.object_classes:
                raise self._refused(_TAKEN.filled(domain=main))
        self._check_no_alias(main, near)
        for alias in aliases:
            self._check_alias(alias, main, near)
        if aliases:
            entry.replace("gdDomainAlias", aliases)

    def check_delete(self, entry: Attributes) -> None:
        """The system's own domain stays: mail servers would turn away everybody's mail."""
        if DOMAIN_CLASS in entry.object_classes and self._pack.domain in _lower(
            entry.texts("associatedDomain")
        ):
            raise self._refused(_PROVINCE.filled(domain=self._pack.domain))

    def _check_place(self, entry: Attributes, near: Neighbourhood) -> None:
        names = near.ancestor_names()
        parent = Dn.parse(names[0], entry.vocabulary.schema) if names else None
        if parent is None or len(names) != 2 or parent.keys[0] != CONTAINER:
            raise self._refused(_PLACE)

    def _check_kept(self, mains: tuple[str, ...]) -> None:
        if self._pack.domain not in _lower(mains):
            raise self._refused(_PROVINCE.filled(domain=self._pack.domain))

    def _check_alias(self, alias: str, main: str, near: Neighbourhood) -> None:
        if alias == main:
            raise self._refused(_ITSELF.filled(domain=alias))
        if alias == self._pack.domain:
            raise self._refused(_PROVINCE.filled(domain=alias))
        for other in near.others_with("associatedDomain", alias):
            holder = name_of(other) or label_of(other) or other.text("associatedDomain") or ""
            raise self._refused(_IS_MAIN.filled(domain=alias, holder=holder))
        self._check_no_alias(alias, near)

    def _check_no_alias(self, domain: str, near: Neighbourhood) -> None:
        trouble = alias_trouble(domain, near)
        if trouble is not None:
            raise self._refused(trouble)

    def _refused(self, why: Wording) -> Exception:
        return self._refusals.violation("mail-domain", why, self._pack.domain_citation)


def alias_trouble(domain: str, near: Neighbourhood) -> Wording | None:
    """Why nobody's addresses can be at this domain (lower case): it stands for another one already."""
    for other in near.others_with("gdDomainAlias", domain):
        return _IS_ALIAS.filled(domain=domain, holder=other.text("associatedDomain") or "")
    return None


def is_mail_domain(domain: str, near: Neighbourhood) -> bool:
    """Whether ou=domains has the domain (lower case), as one of its own or as one that stands for another."""
    return any(
        DOMAIN_CLASS in other.object_classes
        for attribute in ("associatedDomain", "gdDomainAlias")
        for other in near.others_with(attribute, domain)
    )


def stood_for(address: str, near: Neighbourhood) -> str | None:
    """The address that one in an alias domain (lower case) stands for, while nobody holds it himself."""
    local, _, domain = address.partition("@")
    for other in near.others_with("gdDomainAlias", domain):
        main = other.text("associatedDomain")
        if main is not None and DOMAIN_CLASS in other.object_classes:
            return f"{local}@{main.lower()}"
    return None


def stands_for_another(address: str, other: str) -> Wording:
    """What is said to whoever may not give an address away that others have by its domain."""
    return _STANDS_FOR.filled(address=address, other=other)


def _lower(texts: tuple[str, ...]) -> dict[str, None]:
    return dict.fromkeys(text.lower() for text in texts)
