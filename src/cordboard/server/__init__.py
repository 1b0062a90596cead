"""The only room that waits: sockets, clocks, ids, configuration."""
