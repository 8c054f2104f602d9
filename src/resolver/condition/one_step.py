"""Functions that a recording of a run takes as one step: what is inside them is worked out anew each time.

Who records a run (`backtest.recording`) sets who is told; without a recording nothing is different. Called by nobody
else. A function so marked depends on its arguments alone.
"""

from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

Recorder = Callable[[Callable[..., Any], tuple[Any, ...], dict[str, Any]], Any]
"""Is given the function and its arguments, and gives what the function would."""

recorder: ContextVar[Recorder | None] = ContextVar("recorder", default=None)


def one_step(function: Callable[P, R]) -> Callable[P, R]:
    """The function, told to the recorder if there is one."""

    @wraps(function)
    def step(*args: P.args, **kwargs: P.kwargs) -> R:
        told = recorder.get()
        if told is None:
            return function(*args, **kwargs)
        found: R = told(function, args, kwargs)
        return found

    return step
