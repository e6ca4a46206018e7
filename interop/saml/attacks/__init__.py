"""Attacks that need the serving process itself."""
