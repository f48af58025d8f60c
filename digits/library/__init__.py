"""All datasets there are for somebody, by key: the published ones and their own; which are here, and how to get one."""

from digits.library.lookup import (
    Choice,
    Entry,
    State,
    choices,
    entries,
    fetch,
    find,
    fingerprint,
    is_known,
    load,
    names,
    state,
    test_title,
    title,
    train_count,
)

__all__ = [
    "Choice",
    "Entry",
    "State",
    "choices",
    "entries",
    "fetch",
    "find",
    "fingerprint",
    "is_known",
    "load",
    "names",
    "state",
    "test_title",
    "title",
    "train_count",
]
