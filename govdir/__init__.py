"""govdir: the mail directory of a Vietnamese province, over LDAP and SAML."""

__version__ = "0.1.0"
