"""The web site in real browsers."""
