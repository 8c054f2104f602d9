"""What a message says: language, intents, slots and moves, read on this machine without any key."""
