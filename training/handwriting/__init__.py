"""A network that learns the handwriting of its user."""
