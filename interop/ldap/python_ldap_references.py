"""Run by test_referrals.py with the system's Python, which has python-ldap: what a search yields, as JSON."""

import json
import sys

import ldap

uri, dn, password, base = sys.argv[1:]
client = ldap.initialize(uri)
client.set_option(ldap.OPT_REFERRALS, ldap.OPT_OFF)
client.simple_bind_s(dn, password)
found = client.search_s(base, ldap.SCOPE_SUBTREE, "(cn=lamp)", ["1.1"])
json.dump(sorted(([name, (rest or [""])[0]] for name, rest in found), key=repr), sys.stdout)
