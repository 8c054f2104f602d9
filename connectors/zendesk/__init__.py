"""Zendesk Support: the connector, and a sandbox to try it against without an account."""
