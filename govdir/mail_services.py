"""What a serving process does for mail servers besides LDAP: everything it is made of."""

from __future__ import annotations
