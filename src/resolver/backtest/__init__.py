"""Archived tickets through one or two versions of a playbook: what would have come of them."""
