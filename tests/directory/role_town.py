"""A town with somebody in every role and office."""

from __future__ import annotations

from govdir.directory.caller import Role
from govdir.directory.handle import Handle
from tests.directory.building import SONV, SOTTTT, SUFFIX, Town

ADMINS = f"ou=admins,{SUFFIX}"
LIST = f"cn=all,ou=lists,{SUFFIX}"
SERVICE = f"cn=postfix,ou=services,{SUFFIX}"
POLICY = f"cn=cantho,ou=policies,{SUFFIX}"

# Plain staff of the first agency and of the second.
AN, BINH = f"uid=an,{SONV}", f"uid=binh,{SOTTTT}"
ROLES = ("administrator", "operator", "approver", "auditor")
OFFICES = {"gdItAdmin": "agency-admin", "gdApprover": "agency-approver"}


def group(role: str) -> str:
    return f"cn={role},{ADMINS}"


def holder(who: str) -> str:
    """Who holds that role or office; everybody works in the first agency."""
    return f"uid={who},{SONV}"


def give(town: Town, role: str, *people: str, handle: Handle | None = None) -> None:
    """Makes these people the members of the role's group."""
    if town.exists(group(role)):
        town.replace(group(role), "member", *people, handle=handle)
    else:
        values = {"objectClass": "gdRoleGroup", "gdRoleKind": role, "member": people}
        town.add(group(role), values, handle)


def populate(town: Town, list_mail: str = "all@cantho.gov.vn") -> None:
    town.person("an", "Lê An", employeeNumber="7")
    town.person("binh", "Trần Bình", SOTTTT)
    town.person("giang", "Đỗ Giang")
    for role, given in zip(ROLES, ("Một", "Hai", "Ba", "Bốn"), strict=True):
        town.person(role, f"Phạm Vai {given}")
        give(town, role, holder(role))
    for (attribute, office), given in zip(OFFICES.items(), ("Một", "Hai"), strict=True):
        town.person(office, f"Vũ Việc {given}")
        town.replace(SONV, attribute, holder(office))
    town.add(LIST, {"objectClass": "gdMailList", "mail": list_mail, "member": (AN, BINH)})
    town.add(SERVICE, {"objectClass": "gdService", "gdServiceKind": "mail"})
    town.add(POLICY, {"objectClass": "gdMailPolicy"})


def caller(town: Town, who: str) -> Handle:
    """What somebody may do who signed in as the entry, without the cost of a password."""
    if who == "anonymous":
        return town.caller(Role.ANONYMOUS)
    return town.caller(Role.PERSON, AN if who == "person" else holder(who))
