"""The law of calls: what may be asked, what follows, who hears whom. Dry: no clock, no I/O, no randomness."""
