"""``cordboard doctor``: looks at an Asterisk from outside, and says what to change. Import from the modules."""
