"""Pages for people about the regulations that packs hold, written from the packs."""
