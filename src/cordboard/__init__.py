"""cordboard: an open call-control server (see ARCHITECTURE.md)."""

__version__ = "0.1.0"
