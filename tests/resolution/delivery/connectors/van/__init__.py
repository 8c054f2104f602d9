"""A carrier in memory, found through `connector_folders` like anybody's own connector."""
