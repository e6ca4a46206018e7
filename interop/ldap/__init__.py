"""LDAP clients: OpenLDAP's tools, python-ldap, ldap3, ldaptor, and sockets that misbehave."""
