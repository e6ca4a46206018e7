"""The LDAP server: Twisted protocol, session rules, one module per operation."""
