"""HTTP: webhooks, health and metrics. No business logic."""
