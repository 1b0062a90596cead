"""The journal: what is written down before its effects leave the process. It stands behind ``calls.ports.Journal``."""
