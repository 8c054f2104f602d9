"""The benchmarks' shop as a connector, found through `connector_folders` like anybody's own."""
