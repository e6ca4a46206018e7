"""Side by side with OpenLDAP's slapd on one machine: the same entries, requests and load generator."""
