"""The web site: sign-in, one's own account, and the end points of the identity provider."""
