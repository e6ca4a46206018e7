"""The entries that every province's tree begins with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from govdir.directory.password_policy import PasswordPolicy
from govdir.ldap.codec.messages import AddRequest, Attribute
from govdir.mailattrs.policy_tree import policy_entries
from govdir.policy.model import Pack
from govdir.policy.texts import Language

CONTAINERS = {
    "orgs": "Cơ quan, đơn vị và cán bộ, công chức",
    "lists": "Danh sách thư",
    "services": "Tài khoản của máy chủ thư và ứng dụng",
    "domains": "Tên miền thư",
    "policies": "Quy chế",
    "admins": "Người quản trị",
}


_DOMAIN = "Tên miền thư công vụ"


def suffix_of(domain: str) -> str:
    """The name of the tree of a mail domain (RFC 2247)."""
    return ",".join(f"dc={label}" for label in domain.split("."))


def base_tree(
    suffix: str,
    pack: Pack,
    admin_password: str,
    policies: Mapping[str, PasswordPolicy] = MappingProxyType({}),
) -> Iterator[AddRequest]:
    """The root, its containers, the policies and the administrator, parents first; `policies` are those on
    passwords by the kind of account."""
    name = pack.name.in_language(Language.VIETNAMESE)
    label = suffix.partition(",")[0].partition("=")[2]
    yield _add(suffix, ("top", "organization", "dcObject"), o=name, dc=label)
    for ou, description in CONTAINERS.items():
        yield _add(f"ou={ou},{suffix}", ("top", "organizationalUnit"), ou=ou, description=description)
    yield _add(
        f"cn={pack.province},ou=policies,{suffix}",
        ("top", "gdMailPolicy"),
        cn=pack.province,
        description=f"{pack.document.title} ({pack.document.number})",
        gdPolicyPack=pack.province,
    )
    yield from policy_entries(suffix, pack, policies)
    yield domain_entry(suffix, pack.domain)
    yield _add(
        f"cn=admin,{suffix}",
        ("top", "organizationalRole", "gdAdministrator"),
        cn="admin",
        displayName="Quản trị danh bạ",
        userPassword=admin_password,
    )


def domain_entry(suffix: str, domain: str) -> AddRequest:
    """A domain that mail servers take mail for."""
    dn = f"associatedDomain={domain},ou=domains,{suffix}"
    return _add(dn, ("top", "gdMailDomain"), associatedDomain=domain, description=_DOMAIN)


def service_entry(suffix: str, name: str, kind: str, channel: str = "") -> AddRequest:
    """A program's bind identity, without a password yet; `channel` is what the logins it checks are for."""
    classes = ("top", "applicationProcess", "gdService")
    more = {"gdServiceChannel": channel} if channel else {}
    return _add(f"cn={name},ou=services,{suffix}", classes, cn=name, gdServiceKind=kind, **more)


def _add(dn: str, classes: tuple[str, ...], **attributes: str) -> AddRequest:
    values = (Attribute(name, (value.encode(),)) for name, value in attributes.items())
    object_classes = Attribute("objectClass", tuple(each.encode() for each in classes))
    return AddRequest(dn, (object_classes, *values))
