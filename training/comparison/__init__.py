"""Engines head to head, and networks side by side."""
