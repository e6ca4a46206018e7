"""Two sample applications that sign people in over SAML: a portal and a document manager, on python3-saml."""
