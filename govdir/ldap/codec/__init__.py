"""Sans-I/O codec of RFC 4511 and its text companions; bytes in, typed values out, everything bounded."""
