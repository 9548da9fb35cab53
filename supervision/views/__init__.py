"""The office's desk, notices, and supervision orders."""
