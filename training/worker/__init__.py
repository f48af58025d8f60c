"""What workers do with runs, and how a run reaches them."""
