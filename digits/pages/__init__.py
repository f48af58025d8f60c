"""Pages of ink and images."""
