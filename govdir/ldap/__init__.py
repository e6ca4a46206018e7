"""LDAP: `codec` turns bytes into messages and back, `server` speaks them on a socket."""
