"""Taking events in: verify, store once, enqueue a turn, in one commit."""
