"""Styles, and the text that a provider is sent."""
