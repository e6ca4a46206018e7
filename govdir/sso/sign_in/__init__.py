"""Proving who somebody is in a browser: password, second factor, a password that must be changed first."""
