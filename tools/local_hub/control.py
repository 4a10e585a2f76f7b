"""What the real Hub has not: the log, faults to come. Neither logged nor failed themselves."""

from __future__ import annotations

from exchange import Answer, Request
from hub import Hub


def show_log(hub: Hub, request: Request) -> Answer:
    """Requests since the start or the last clearing."""
    return Answer.of(hub.log.lines())


def clear_log(hub: Hub, request: Request) -> Answer:
    """Forget them; `requests.jsonl` keeps them."""
    hub.log.clear()
    return Answer.of({})


def set_faults(hub: Hub, request: Request) -> Answer:
    """Replace the rules by those of a JSON list (faults.Rule), or by none."""
    hub.faults.set(request.json() or [])
    return Answer.of({})
