"""Service providers of other people's making against the identity provider."""
