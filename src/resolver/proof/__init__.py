"""What can be known of a playbook before a customer does."""
