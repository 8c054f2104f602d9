"""The demo shop: a backend for the interface `shop`, and a sandbox that stands in for it."""
