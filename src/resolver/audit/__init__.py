"""That nobody changed the audit trail afterwards: signed checkpoints, verification, export."""
