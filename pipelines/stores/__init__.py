"""Which stores are alike."""
