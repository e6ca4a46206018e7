"""The clock of mailboxes: what falls due, by which rule, and doing it. No I/O of its own."""
