"""The port: what a helpdesk or backend connector offers, and how connectors are found. Connectors see only this."""
