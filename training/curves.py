"""A run's curves as a chart wants them."""
