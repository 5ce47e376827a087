"""A program: workers around a service that tells which of them answers. `python telling_workers.py COUNT [dying]`

`/die` ends the worker that is asked, `/slow` takes a while. `dying` ones end before they answer anybody.
"""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Sequence

from skysail.errors import WorkersError
from skysail.protocol.message import Manner, Request, Response
from skysail.serving.limits import Limits
from skysail.serving.tally import Board, Place
from skysail.serving.worker import work
from skysail.serving.workers import Lives, run

BOARD = Board(3)


class Telling:
    def manner(self, request: Request) -> Manner:
        return "apart" if request.target == "/slow" else "at once"

    def answer(self, request: Request) -> Response:
        if request.target == "/die":
            os._exit(3)
        if request.target == "/slow":
            time.sleep(0.3)
        return Response(200, {}, b"%d" % os.getpid())

    def answer_together(self, requests: Sequence[Request]) -> list[Response]:
        return [self.answer(request) for request in requests]


def take_part(number: int, pipe: socket.socket) -> None:
    if "dying" in sys.argv:
        os._exit(4)
    work(Telling(), pipe, Limits(body=1_000, grace_s=0.05, parting_s=0.5), Place(BOARD, number))


if __name__ == "__main__":
    Lives.first_pause_s = 0.01
    try:
        run(take_part, int(sys.argv[1]), host="127.0.0.1", port=0, on_ready=lambda url: print(url, flush=True))
    except WorkersError as error:
        sys.exit(str(error))
