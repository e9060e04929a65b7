"""What providers and their models can do and cost, as data."""
