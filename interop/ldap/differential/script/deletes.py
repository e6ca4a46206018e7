"""Deletes (RFC 4511 §4.8)."""

from __future__ import annotations

from typing import Final

from govdir.ldap.codec.messages import DeleteRequest
from interop.ldap.differential.step import Step, delete, search

DELETES: Final = (
    Step("delete as nobody", delete("uid=em,ou=people"), anonymous=True),
    Step("delete an entry with subordinates", delete("ou=people")),
    Step("delete a leaf", delete("uid=duc,ou=people")),
    Step("delete it again", delete("uid=duc,ou=people")),
    Step("delete below what is gone", delete("cn=x,uid=duc,ou=people")),
    Step("delete by another spelling", delete("UID = chau , OU=People")),
    Step("delete a malformed name", delete("uid")),
    Step("delete outside the naming context", DeleteRequest("dc=example")),
    Step("delete the root DSE", DeleteRequest("")),
    Step("delete a child", delete("cn=tray,cn=press,ou=things")),
    Step("delete its parent, a leaf now", delete("cn=press,ou=things")),
    Step("what is left", search("(objectClass=*)", "1.1")),
)
