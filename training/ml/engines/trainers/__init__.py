"""One trainer for each framework."""
