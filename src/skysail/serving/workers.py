"""Several processes that answer for one address: this one listens, and hands connections to the workers, turn by turn.

So their work is spread evenly, which the kernel does not do among processes that listen at one socket. This one has
neither threads nor an event loop, so that it can fork at any time: a worker that dies is replaced. It answers nothing
itself, and holds no connection longer than it takes to hand it on.
"""

from __future__ import annotations

import logging
import os
import select
import signal
import socket
import sys
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NoReturn

from skysail.errors import SkysailError, WorkersError
from skysail.serving.server import BACKLOG, address, listen
from skysail.serving.worker import READY

_LOG = logging.getLogger("skysail.serving")
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_PARTING_S = 60.0
"""For which a worker may finish; it takes a few seconds, but a store may make it wait for long."""
_FULL_S = 0.05
"""After which it is tried anew to hand a connection on, where no worker could take it."""

Work = Callable[[int, socket.socket], None]
"""What a worker does: told its number, it takes connections from the socket until that ends."""


def can_fork() -> bool:
    """Whether this system has what workers need."""
    return hasattr(os, "fork") and hasattr(socket, "send_fds")


def run(work: Work, count: int, *, host: str, port: int, on_ready: Callable[[str], None]) -> None:
    """Serve with so many workers until SIGTERM or SIGINT; then they finish what was accepted, and this returns.

    `on_ready` is called with the address when all of them answer. The process may have no threads. Raises ListenError
    where the address cannot be had, WorkersError where workers end at once again and again.
    """
    listener = listen(host, port)
    listener.listen(BACKLOG)
    listener.setblocking(False)
    _Parent(listener, work, count).run(lambda: on_ready(address(listener, host)))


class Lives:
    """How soon another worker begins in the place of one that died."""

    healthy_s = 10.0
    first_pause_s, longest_pause_s = 0.1, 2.0
    most_short = 6

    def __init__(self) -> None:
        self._short = 0

    def pause_after(self, lived_s: float) -> float | None:
        """Seconds; None where there have been too many short lives in a row."""
        self._short = 0 if lived_s >= self.healthy_s else self._short + 1
        if self._short >= self.most_short:
            return None
        return float(min(self.longest_pause_s, self.first_pause_s * 2 ** max(0, self._short - 1)))


@dataclass(eq=False, slots=True)
class _Worker:
    """A worker's place, and who is in it; `begins_at` is when the next one begins where it is empty."""

    number: int
    lives: Lives = field(default_factory=Lives)
    begins_at: float = 0.0
    began_at: float = 0.0
    pid: int | None = None
    pipe: socket.socket | None = None
    is_ready: bool = False


class _Parent:
    def __init__(self, listener: socket.socket, work: Work, count: int) -> None:
        self._listener = listener
        self._work = work
        self._workers = [_Worker(number) for number in range(count)]
        self._turns = deque(self._workers)
        self._unhanded: socket.socket | None = None
        self._is_ready = self._is_told = False
        self._woken, self._waker = socket.socketpair()
        self._woken.setblocking(False)
        self._waker.setblocking(False)

    def run(self, on_ready: Callable[[], None]) -> None:
        before = {number: signal.signal(number, self._hear_signal) for number in _SIGNALS}
        signal.set_wakeup_fd(self._waker.fileno(), warn_on_full_buffer=False)
        try:
            try:
                self._serve(on_ready)
            finally:
                bad = [ending for ending in self._stop() if ending != "status 0"]
            if bad:
                raise WorkersError(f"a worker did not finish what it was asked, but ended with {bad[0]}")
        finally:
            signal.set_wakeup_fd(-1)
            for number, handler in before.items():
                signal.signal(number, handler)

    def _serve(self, on_ready: Callable[[], None]) -> None:
        while not self._is_told:
            self._begin_those_due()
            if not self._is_ready and all(worker.is_ready for worker in self._workers):
                self._is_ready = True
                on_ready()
            self._wait()

    def _hear_signal(self, number: int, frame: object) -> None:
        """The first one asks to stop; a second one ends everything as if nobody had listened."""
        if self._is_told:
            for worker in self._workers:
                if worker.pid is not None:
                    os.kill(worker.pid, signal.SIGKILL)
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
        self._is_told = True

    def _wait(self) -> None:
        """Until something happens, and see to it."""
        pipes = {worker.pipe: worker for worker in self._workers if worker.pipe is not None}
        accepts = [self._listener] if self._is_ready and self._unhanded is None else []
        due = [worker.begins_at for worker in self._workers if worker.pid is None]
        until = [max(0.0, min(due) - time.monotonic())] if due else []
        until += [_FULL_S] if self._unhanded is not None else []
        heard, _, _ = select.select([self._woken, *accepts, *pipes], [], [], min(until, default=None))
        for one in heard:
            if one is self._woken:
                self._woken.recv(1_000)
            elif one is not self._listener:
                self._hear(pipes[one])
        if self._unhanded is not None or self._listener in heard:
            self._accept()

    # --- connections --------------------------------------------------------------------------------------

    def _accept(self) -> None:
        """Hand on all who have come by now, or as many as the workers take."""
        for _ in range(BACKLOG):
            if self._unhanded is None:
                try:
                    self._unhanded, _ = self._listener.accept()
                except BlockingIOError:
                    return
                except ConnectionError:
                    continue
                except OSError as error:  # the system has no room for it
                    _LOG.error("cannot accept a connection: %s", error)
                    time.sleep(_FULL_S)
                    return
            if not self._hand_on(self._unhanded):
                return
            self._unhanded.close()
            self._unhanded = None

    def _hand_on(self, connection: socket.socket) -> bool:
        """To the first in turn who takes it; False where nobody does."""
        for _ in self._workers:
            worker = self._turns[0]
            self._turns.rotate(-1)
            if worker.pipe is not None and worker.is_ready:
                with suppress(OSError):  # its pipe is full; or it has died, which will be heard
                    socket.send_fds(worker.pipe, [b"c"], [connection.fileno()])
                    return True
        return False

    # --- workers ------------------------------------------------------------------------------------------

    def _begin_those_due(self) -> None:
        now = time.monotonic()
        for worker in self._workers:
            if worker.pid is None and worker.begins_at <= now:
                self._begin(worker)

    def _begin(self, worker: _Worker) -> None:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        sys.stdout.flush()
        sys.stderr.flush()
        # A signal that comes before the child has seen to its own would be taken for one to this process.
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        pid = os.fork()
        if pid == 0:
            ours.close()
            self._be_worker(worker.number, theirs)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        theirs.close()
        worker.pid, worker.pipe, worker.began_at = pid, ours, time.monotonic()

    def _be_worker(self, number: int, pipe: socket.socket) -> NoReturn:
        """The child's whole life. It lets go of all that is its parent's: a pipe ends when nobody holds it."""
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            for one in _SIGNALS:
                signal.signal(one, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
            others = [worker.pipe for worker in self._workers]
            for held in [self._listener, self._woken, self._waker, self._unhanded, *others]:
                if held is not None:
                    held.close()
            self._work(number, pipe)
            status = 0
        except SkysailError as error:
            _LOG.error("a worker cannot go on: %s", error)
        except BaseException:
            _LOG.exception("a worker itself failed")
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)

    def _hear(self, worker: _Worker) -> None:
        """It answers now, or it has died."""
        assert worker.pipe is not None
        try:
            said = worker.pipe.recv(1)
        except ConnectionError:
            said = b""
        if said == READY:
            worker.is_ready = True
            return
        lived_s = time.monotonic() - worker.began_at
        ending = self._bury(worker)
        pause_s = worker.lives.pause_after(lived_s)
        if pause_s is None:
            raise WorkersError(f"workers end again and again as soon as they begin, the last one with {ending}")
        _LOG.warning("a worker ended with %s; another one begins in its place", ending)
        worker.begins_at = time.monotonic() + pause_s

    def _bury(self, worker: _Worker) -> str:
        """How a process that is at its end did end."""
        assert worker.pid is not None
        assert worker.pipe is not None
        _, status = os.waitpid(worker.pid, 0)
        worker.pipe.close()
        worker.pid, worker.pipe, worker.is_ready = None, None, False
        code = os.waitstatus_to_exitcode(status)
        return f"status {code}" if code >= 0 else f"signal {-code}"

    # --- the end ------------------------------------------------------------------------------------------

    def _stop(self) -> list[str]:
        """Hand on those whom the kernel has let in, and let the workers finish; how each of them ended."""
        if self._is_ready:
            self._accept()
        self._listener.close()
        if self._unhanded is not None:
            self._unhanded.close()
        for worker in self._workers:
            if worker.pipe is not None:
                worker.pipe.shutdown(socket.SHUT_WR)  # not closed: what is in it may still be read
        latest = time.monotonic() + _PARTING_S
        return [self._see_off(worker, latest) for worker in self._workers if worker.pid is not None]

    def _see_off(self, worker: _Worker, latest: float) -> str:
        """How it ended; by force where that takes too long."""
        assert worker.pid is not None
        assert worker.pipe is not None
        while (left_s := latest - time.monotonic()) > 0:
            if select.select([worker.pipe], [], [], left_s)[0] and worker.pipe.recv(1) != READY:
                return self._bury(worker)
        os.kill(worker.pid, signal.SIGKILL)
        return self._bury(worker)
