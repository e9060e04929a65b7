"""The HTTP side: REST, server-sent events, safety, and the process that serves them."""
