"""The bundled connectors: one folder each, found by its `connector.yaml`, never imported by name."""
