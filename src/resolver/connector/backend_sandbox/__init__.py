"""What the sandboxes of backends are made of: a server that can be cut, faults, keys, old reads, a ledger on disk."""
