"""Safe YAML with positions: what every playbook, manifest, interface, policy and config is read with."""
