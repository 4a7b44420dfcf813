"""Who holds what, and the log that remembers it."""
