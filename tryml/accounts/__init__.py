"""Users, guests, preferences."""
