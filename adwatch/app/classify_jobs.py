"""``adwatch classify --jobs N``: the filter in several processes, answers in the order of the lines.

Each process loads the judge once. What is read ahead is bounded, so that memory is; answers are written as soon as all
before them are there, while the next lines are still awaited.
"""

from __future__ import annotations

import multiprocessing
import threading
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from queue import Queue
from typing import BinaryIO

from adwatch.app.classify_filter import answered, line_batches
from adwatch.app.office import Office
from adwatch.errors import StageError
from adwatch.ports import Judge
from adwatch.settings import load_settings

AHEAD = 3
"""Batches of each process that may wait for their turn."""
Answer = tuple[bytes, bool]
_judge: list[Judge] = []
"""The judge of this process, when it is one of the pool's."""


def run_in_processes(stdin: BinaryIO, stdout: BinaryIO, jobs: int) -> bool:
    """Run to the end of the input; True if a line was bad."""
    writer = _Writer(stdout, jobs * AHEAD)
    number = 1
    try:
        with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), _load) as pool, writer:
            for lines in line_batches(stdin):
                if writer.trouble is not None:
                    break
                writer.put(pool.submit(_answered, lines, number))
                number += len(lines)
    except BrokenProcessPool as error:
        raise StageError("classify: one of its processes was ended from outside; run it again") from error
    return writer.bad


def _load() -> None:
    _judge.append(Office(load_settings()).judge)


def _answered(lines: list[bytes], number: int) -> Answer:
    return answered(_judge[0], lines, number)


class _Writer:
    """Writes what the pool answers, in order, on a thread of its own."""

    def __init__(self, stdout: BinaryIO, most: int) -> None:
        self.stdout = stdout
        self.bad = False
        self.trouble: BaseException | None = None
        self._waiting: Queue[Future[Answer] | None] = Queue(most)
        self._thread = threading.Thread(target=self._run, name="answers")

    def __enter__(self) -> _Writer:
        self._thread.start()
        return self

    def put(self, answer: Future[Answer]) -> None:
        """The next answer; waits while too many are waiting."""
        self._waiting.put(answer)

    def __exit__(self, *_: object) -> None:
        self._waiting.put(None)
        self._thread.join()
        if self.trouble is not None:
            raise self.trouble

    def _run(self) -> None:
        while (answer := self._waiting.get()) is not None:
            if self.trouble is not None:
                answer.cancel()
                continue
            try:
                written, bad = answer.result()
                self.stdout.write(written)
                self.stdout.flush()
                self.bad |= bad
            except BaseException as error:  # noqa: BLE001 - raised again by the thread that reads
                self.trouble = error
