"""Commands: serve, createadmin."""
