"""Drivers that turn orders into a switch's own requests, and what it says into reports."""
