"""The embedded switch: an exchange in memory with phones that a lab moves."""
