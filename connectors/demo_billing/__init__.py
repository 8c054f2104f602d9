"""The demo billing system: a backend for the interface `billing`, and a sandbox that stands in for it."""
