"""Large files, read by a process of their own: what is in them is found while what was found before is stored.

    python -m skysail.cli.reading_ahead FILE…

is that process. It writes pickles, for the process that started it and for nobody else.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Generator, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from skysail.cli.instance_files import read
from skysail.errors import SkysailError
from skysail.service.importing import Found, Refusal, Where
from skysail.service.ready_instances import Ready

WORTH_A_PROCESS = 134_217_728
"""Bytes: some 60,000 instances, with which a process gains more than its start costs."""
_AT_ONCE = 200


def found_in(paths: Sequence[Path], worth_a_process: int = WORTH_A_PROCESS) -> Generator[Found | Refusal, None, None]:
    """What is in the files, in their order. Raises OSError with the file's name."""
    are_files = all(path.is_file() for path in paths)  # a pipe's end is this process's alone
    if are_files and (os.cpu_count() or 1) > 1 and sum(path.stat().st_size for path in paths) >= worth_a_process:
        yield from _found_ahead(paths)
    else:
        yield from _found_here(paths)


def _found_here(paths: Iterable[Path]) -> Iterator[Found | Refusal]:
    for path in paths:
        try:
            yield from read(path)
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(path)) from error


def _found_ahead(paths: Sequence[Path]) -> Iterator[Found | Refusal]:
    command = [sys.executable, "-m", "skysail.cli.reading_ahead", *map(str, paths)]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
        try:
            while (batch := _received(process.stdout)) is not None:
                if isinstance(batch, OSError):
                    raise batch
                yield from map(_unpacked, batch)
        except (EOFError, pickle.UnpicklingError) as error:
            raise SkysailError(f"the process that read {', '.join(map(str, paths))} ended before its end") from error
        finally:
            process.kill()  # nothing is left to do for it, or nobody wants it any more


def _received(pipe: Any) -> list[Any] | OSError | None:
    received: list[Any] | OSError | None = pickle.load(pipe)
    return received


def _packed(one: Found | Refusal) -> tuple[Any, ...]:
    """In a form that is written and read quickly: a plain tuple."""
    if isinstance(one, Refusal):
        return (*one.where, one.name, one.why)
    if one.ready is None:
        return (*one.where, one.document)
    return (*one.where, *one.ready)


def _unpacked(packed: tuple[Any, ...]) -> Found | Refusal:
    where = Where(*packed[:3])
    if len(packed) == 7:
        return Found(where, None, Ready(*packed[3:]))
    return Found(where, packed[3]) if len(packed) == 4 else Refusal(where, *packed[3:])


def write(paths: Iterable[Path], pipe: BinaryIO) -> None:
    """Write what is in the files; None is the end, and an OSError one too."""
    found = map(_packed, _found_here(paths))
    try:
        while batch := list(islice(found, _AT_ONCE)):
            pickle.dump(batch, pipe, pickle.HIGHEST_PROTOCOL)
        pickle.dump(None, pipe)
    except BrokenPipeError:
        raise
    except OSError as error:
        pickle.dump(error, pipe)
    pipe.flush()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends it
    try:
        write(map(Path, sys.argv[1:]), sys.stdout.buffer)
    except BrokenPipeError:
        os._exit(1)  # nobody listens any more
