"""RFC 4512 schema: definitions, syntaxes (RFC 4517), string preparation (RFC 4518), matching rules."""
