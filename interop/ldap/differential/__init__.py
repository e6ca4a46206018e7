"""One script of operations on OpenLDAP's slapd and on govdir: what differs is listed with its reason."""
