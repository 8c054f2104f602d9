"""What the Zendesk sandbox is made of; `connectors.zendesk.sandbox` is the way in."""
