"""The pure engine: a plan and the facts in, one effect out. No clock, chance, network, SQL or engine."""
