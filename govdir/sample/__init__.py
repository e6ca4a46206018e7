"""Sample data, plainly generated, on a province's real bodies."""
