"""Which provider and model serve a request."""
