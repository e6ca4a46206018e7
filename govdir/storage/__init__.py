"""The SQL store: tables, migrations, group commit, change feed."""
