"""Every statement of the hot paths, as the text both engines understand.

Plain text on plain cursors: at some microseconds a statement, compiling an expression each time would cost
more than running it. `?` stands for a parameter and becomes the driver's own mark.
"""

from __future__ import annotations

from functools import cache

# The columns of StoredEntry in its order, but with the number of the shape instead of its text.
_ROW = "e.id, e.parent_id, e.rdn, e.rdn_key, e.shape_id, e.body, e.secrets, e.keys, e.version"


def _rows(count: int) -> str:
    """Marks for so many pairs."""
    return ", ".join(["(?, ?)"] * count)


class Statements:
    """SQL by what it does; parameters are in the order of the marks."""

    def __init__(self, mark: str) -> None:
        def sql(text: str) -> str:
            return text.replace("?", mark)

        # entries
        self.insert_entry = sql(
            "INSERT INTO entries (parent_id, rdn, rdn_key, shape_id, body, secrets, keys, version)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id"
        )
        self.replace_entry = sql(
            "UPDATE entries SET parent_id = ?, rdn = ?, rdn_key = ?, shape_id = ?, body = ?, secrets = ?,"
            " keys = ?, version = ? WHERE id = ? AND version = ?"
        )
        self.delete_entry = sql("DELETE FROM entries WHERE id = ? AND version = ?")
        self.delete_entries = cache(
            lambda rows: sql(f"DELETE FROM entries WHERE (id, version) IN (VALUES {_rows(rows)})")  # noqa: S608
        )
        self.entry_version = sql("SELECT version FROM entries WHERE id = ?")
        self.child_named = sql("SELECT id FROM entries WHERE parent_id = ? AND rdn_key = ?")
        self.any_child = sql("SELECT id FROM entries WHERE parent_id = ? LIMIT 1")
        self.suffix = "SELECT id FROM entries WHERE parent_id IS NULL"
        self.load_entries = f"SELECT {_ROW} FROM entries e ORDER BY e.id"  # noqa: S608 - a constant

        # shapes
        self.shape_id = sql("SELECT id FROM shapes WHERE descriptor = ?")
        self.insert_shape = sql("INSERT INTO shapes (descriptor) VALUES (?) RETURNING id")
        self.load_shapes = "SELECT id, descriptor FROM shapes"

        # addresses
        self.claim_address = sql("INSERT INTO addresses (address, entry_id, kind, since) VALUES (?, ?, ?, ?)")
        self.address_known = sql("SELECT 1 FROM addresses WHERE address = ?")
        self.release_address = sql("DELETE FROM addresses WHERE address = ? AND entry_id = ?")
        self.retire_address = sql(
            "UPDATE addresses SET entry_id = NULL, since = ? WHERE address = ? AND entry_id = ?"
        )
        self.release_addresses = cache(
            lambda rows: sql(f"DELETE FROM addresses WHERE (address, entry_id) IN (VALUES {_rows(rows)})")  # noqa: S608
        )
        self.retire_addresses = cache(
            lambda rows: sql(
                "UPDATE addresses SET entry_id = NULL, since = ?"  # noqa: S608
                f" WHERE (address, entry_id) IN (VALUES {_rows(rows)})"
            )
        )
        self.free_address = sql("DELETE FROM addresses WHERE address = ? AND entry_id IS NULL")
        self.load_retired = "SELECT address FROM addresses WHERE entry_id IS NULL ORDER BY address"

        # changes
        self.last_number = "SELECT max(number) FROM changes"
        self.insert_change = sql(
            "INSERT INTO changes (number, at, actor, kind, dn, entry_uuid, detail)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)"
        )
        self.insert_change_entries = cache(
            lambda rows: sql("INSERT INTO change_entries (number, entry_id) VALUES " + _rows(rows))  # noqa: S608
        )
        self.insert_loaded = sql(
            "INSERT INTO change_entries (number, entry_id) SELECT version, id FROM entries WHERE id >= ?"
        )
        # The change up to which a page of changed entries goes; none when all the rest fits.
        self.page_end = sql(
            "SELECT number FROM change_entries WHERE number > ? ORDER BY number, entry_id LIMIT 1 OFFSET ?"
        )
        changed = (
            f"SELECT c.number, c.entry_id, s.descriptor, {_ROW} FROM change_entries c"  # noqa: S608 - a constant
            " LEFT JOIN entries e ON e.id = c.entry_id LEFT JOIN shapes s ON s.id = e.shape_id"
        )
        self.changed_between = sql(
            changed + " WHERE c.number > ? AND c.number <= ? ORDER BY c.number, c.entry_id"
        )
        self.changed_after = sql(changed + " WHERE c.number > ? ORDER BY c.number, c.entry_id")

        # login facts
        self.update_login = sql(
            "UPDATE login_facts SET last_success = CASE WHEN CAST(? AS BIGINT) > COALESCE(last_success, 0)"
            " THEN CAST(? AS BIGINT) ELSE last_success END, failures = ? WHERE entry_id = ?"
        )
        self.insert_login = sql(
            "INSERT INTO login_facts (entry_id, last_success, failures)"
            " SELECT id, CAST(? AS BIGINT), ? FROM entries WHERE id = ?"
        )
        self.load_logins = "SELECT entry_id, last_success, failures FROM login_facts ORDER BY entry_id"
