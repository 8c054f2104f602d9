"""The local sentence encoder: text to vectors without key, network or torch."""
