"""One module per LDAP operation: a request and a session in, responses out."""
