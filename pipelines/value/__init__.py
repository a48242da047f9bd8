"""Customer value models: how often customers will buy, for how long, and what it brings."""
