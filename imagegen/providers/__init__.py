"""One file per provider, found by registration."""
