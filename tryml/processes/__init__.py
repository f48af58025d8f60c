"""Starts, watches and ends programs."""
