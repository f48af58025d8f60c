"""The time and memory that a training takes."""
