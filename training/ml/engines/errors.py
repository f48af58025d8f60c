"""The errors that engines raise."""


class Diverged(Exception):
    """Raised when the loss is infinite or NaN; the message, for people, gives the epoch and a remedy."""


class Unsupported(ValueError):
    """Raised when an engine isn't installed or can't train with some hyperparameters; the message is for people."""
