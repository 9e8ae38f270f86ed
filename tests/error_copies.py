"""What holds for each error of a tree of errors: that a copy is equal to it, and that a test knows its class."""

from __future__ import annotations

import copy
import pickle


def assert_copies_are_equal(error: Exception) -> None:
    """Copies and pickles ``error``, as between the processes of a pool."""
    for again in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert type(again) is type(error)
        assert (vars(again), again.args, str(again), repr(again)) == (
            vars(error), error.args, str(error), repr(error),
        )  # fmt: skip


def classes_below(kind: type) -> set[type]:
    """``kind`` and every class that inherits from it."""
    return {kind}.union(*map(classes_below, kind.__subclasses__()))
