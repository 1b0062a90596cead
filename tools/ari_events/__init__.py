"""Makes ``src/cordboard/switches/ari/events.py`` of Asterisk's own description of ARI."""
