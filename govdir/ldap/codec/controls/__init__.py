"""The controls that are spoken: one module for each that has a value; what has none is only an OID."""
