"""A limit of time for what runs in this process.

It interrupts Python code, sleeps and system calls of the main thread, where the system has timers. What stays in C code
for longer (one search with a pattern that backtracks, say) is stopped when that returns; a thread is never stopped.
"""

from __future__ import annotations

import signal
import sys
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_AGAIN = 1.0  # seconds after which code that does not heed the first interruption is interrupted again


class TookTooLong(BaseException):
    """It took longer than it may; no Exception, since code that catches each of these would go on."""


@contextmanager
def of(seconds: float) -> Iterator[None]:
    """Raise TookTooLong in the block where it takes longer than `seconds`."""
    threading = sys.modules.get("threading")
    if not hasattr(signal, "setitimer") or (
        threading is not None and threading.current_thread() is not threading.main_thread()
    ):
        yield
        return
    is_over = False

    def interrupt(*_: object) -> None:
        if not is_over:
            raise TookTooLong

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN)
        yield
    finally:
        is_over = True
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
