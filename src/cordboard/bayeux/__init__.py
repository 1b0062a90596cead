"""Bayeux 1.0: messages, sessions, delivery. Dry, and knows nothing of calls."""
