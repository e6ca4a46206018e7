"""People with names as they are, whose passwords are known and their own."""

from __future__ import annotations

from dataclasses import dataclass

import ldap3

from interop.conftest import connect
from interop.saml.browser import Browser, Page
from interop.server import ADMIN, ADMIN_PASSWORD, Server

PASSWORD = "Tre-xanh-ngoai-song-5"
_TEMPORARY = "Mot-lan-thoi-86420"
_CLASSES = ["inetOrgPerson", "gdPerson", "gdMailbox"]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a mailbox; `titles` and `telephones` in the order of the directory."""

    dn: str
    name: str
    mail: str
    uid: str
    uuid: str
    titles: tuple[str, ...]
    password: str = PASSWORD

    @property
    def surname(self) -> str:
        return self.name.partition(" ")[0]


def add_person(
    server: Server, agency: str, uid: str, name: str, *titles: str, password: str = PASSWORD
) -> Person:
    """Adds somebody to the agency, who chooses the password themselves."""
    dn = f"uid={uid},{agency}"
    attributes = {"cn": name, "sn": name.partition(" ")[0], "userPassword": _TEMPORARY}
    with connect(server) as admin:
        more = {"title": list(titles)} if titles else {}
        assert admin.add(dn, _CLASSES, {**attributes, **more}), admin.result
        # On the same connection, for another worker may not know of the person for some milliseconds.
        assert admin.rebind(dn, _TEMPORARY), admin.result
        change = {"userPassword": [(ldap3.MODIFY_REPLACE, [password])]}
        assert admin.modify(dn, change), admin.result
        assert admin.rebind(ADMIN, ADMIN_PASSWORD), admin.result
        wanted = ["mail", "uid", "entryUUID", "title"]
        assert admin.search(dn, "(objectClass=*)", ldap3.BASE, attributes=wanted)
        entry = admin.entries[0]
        return Person(
            dn,
            name,
            str(entry["mail"]),
            str(entry["uid"]),
            str(entry["entryUUID"]),
            tuple(entry["title"].values) if titles else (),
            password,
        )


def give_password(browser: Browser, page: Page, person: Person) -> Page:
    """Signs in on a page that asks for it, and returns where that leads."""
    return browser.send(page, page.form("password"), name=person.mail, password=person.password)
