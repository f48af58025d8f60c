"""The starter networks: how they are trained, and their model cards."""
