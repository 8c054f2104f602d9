"""Postal addresses read and checked offline: the interface `post`."""
