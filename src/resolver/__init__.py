"""The resolution layer for the helpdesk a company already has."""
