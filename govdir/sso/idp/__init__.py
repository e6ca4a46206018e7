"""The identity provider: whom to answer, with what, and how everybody is signed out again."""
