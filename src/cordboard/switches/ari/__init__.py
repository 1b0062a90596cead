"""Asterisk over ARI. Import from the modules themselves."""
