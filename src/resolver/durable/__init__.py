"""Durable execution behind a few words: enqueue, delay, turn, step. The only package that imports the engine."""
