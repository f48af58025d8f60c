"""Runs: started, watched, steered, looked up."""
