"""Workers with one error policy: whatever goes wrong in a task arrives as a `TaskFailed` message that bubbles."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

from textual import work
from textual.dom import DOMNode
from textual.message import Message
from textual.worker import Worker, WorkerCancelled

P = ParamSpec("P")
Node = TypeVar("Node", bound=DOMNode)


class TaskFailed(Message):
    """A task ended with an error. It bubbles to the app, which shows it; a screen may handle and stop it first."""

    def __init__(self, error: Exception, group: str) -> None:
        super().__init__()
        self.error = error
        self.group = group


def task(
    *, group: str, thread: bool = False, exclusive: bool = True
) -> Callable[[Callable[Concatenate[Node, P], Any]], Callable[Concatenate[Node, P], Worker[Any]]]:
    """Make a method of a widget, screen or app run as a worker.

    Textual's own workers end the app on an error, or, with ``exit_on_error=False``, lose it: ``Worker.StateChanged``
    does not bubble. Here the error is posted as `TaskFailed` from the node that ran the task.

    Args:
        group: Tasks of one group on one node replace each other when ``exclusive``.
        thread: Run in a thread: the method must not touch widgets, only ``post_message``, and should look at
            ``get_current_worker().is_cancelled`` every 50 ms, for a thread cannot be stopped from outside.
        exclusive: Cancel what the group is doing first.
    """

    def decorate(method: Callable[Concatenate[Node, P], Any]) -> Callable[Concatenate[Node, P], Worker[Any]]:
        run = _threaded(method, group) if thread else _awaited(method, group)
        return work(run, group=group, thread=thread, exclusive=exclusive, exit_on_error=False)

    return decorate


def _threaded(method: Callable[..., Any], group: str) -> Callable[..., Any]:
    @functools.wraps(method)
    def run(self: DOMNode, *args: Any, **kwargs: Any) -> Any:
        try:
            return method(self, *args, **kwargs)
        except WorkerCancelled:
            raise
        except Exception as error:
            self.post_message(TaskFailed(error, group))
            return None

    return run


def _awaited(method: Callable[..., Any], group: str) -> Callable[..., Any]:
    assert inspect.iscoroutinefunction(method), f"{method.__qualname__}: a task without thread=True is `async def`"

    @functools.wraps(method)
    async def run(self: DOMNode, *args: Any, **kwargs: Any) -> Any:
        try:
            return await method(self, *args, **kwargs)
        except WorkerCancelled:
            raise
        except Exception as error:
            self.post_message(TaskFailed(error, group))
            return None

    return run
