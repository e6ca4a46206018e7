"""The directory core: names, entries, the in-memory image, access rules, writes; no I/O."""
