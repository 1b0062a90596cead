"""Genesys Web Services v2: its requests read, its answers and notifications written. No transport."""
