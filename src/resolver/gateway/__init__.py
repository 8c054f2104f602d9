"""The one door to the outside: limits, identity, kill switch, ledger, sending, read-back."""
