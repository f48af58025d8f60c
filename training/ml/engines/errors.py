"""What engines raise."""


class Diverged(Exception):
    """Raised as soon as the loss is infinite or undefined; its text says where, and what to try."""


class Unsupported(ValueError):
    """Raised when an engine can't train with some hyperparameters; its text says what, for people."""
