"""The `govdir` command, one module per noun."""
