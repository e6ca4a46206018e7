"""Signing in once: sessions, second factors, the SAML 2.0 identity provider. No Twisted, SQL or socket here.

`saml` reads and writes messages, `sign_in` proves who somebody is, `idp` answers service providers. What they
need of the world is in `ports`; what they keep is in `model`.
"""
