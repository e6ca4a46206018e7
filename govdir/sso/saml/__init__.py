"""SAML 2.0 messages as pure functions on lxml and xmlsec: octets in, values out, and back.

Nothing here keeps state or knows a service provider's settings beyond what it is given.
"""
