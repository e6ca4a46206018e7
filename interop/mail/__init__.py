"""Real mail servers against a real govdir process: what a message meets on its way, from SMTP to IMAP."""
