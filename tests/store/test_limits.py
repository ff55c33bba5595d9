from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import Engine

from adwatch.errors import LockHeld
from adwatch.store.limiter import HostLimiter
from adwatch.store.locks import run_lock


def test_slots_of_a_host_are_an_interval_apart_whoever_takes_them(engine: Engine) -> None:
    with ThreadPoolExecutor(8) as pool:
        slots = sorted(pool.map(lambda _: HostLimiter(engine).reserve("a.example", 0.5), range(30)))
    assert all(later - earlier > 0.499 for earlier, later in pairwise(slots))
    assert slots[0] <= time.time() + 0.5


def test_another_host_does_not_wait(engine: Engine) -> None:
    limiter = HostLimiter(engine)
    limiter.hold("a.example", 100)
    assert limiter.reserve("b.example", 1.0) <= time.time()
    assert limiter.reserve("a.example", 1.0) > time.time() + 98


def test_a_hold_never_shortens_a_longer_one(engine: Engine) -> None:
    limiter = HostLimiter(engine)
    limiter.hold("a.example", 100)
    limiter.hold("a.example", 1)
    assert limiter.reserve("a.example", 1.0) > time.time() + 98


def test_waiting_sleeps_until_the_slot(engine: Engine) -> None:
    limiter = HostLimiter(engine)
    limiter.wait("a.example", 0.2)
    begun = time.monotonic()
    limiter.wait("a.example", 0.2)
    assert time.monotonic() - begun > 0.1


def test_an_idle_host_saves_no_slots_up(engine: Engine) -> None:
    limiter = HostLimiter(engine)
    limiter.reserve("a.example", 0.01)
    time.sleep(0.1)
    first, second = limiter.reserve("a.example", 0.05), limiter.reserve("a.example", 0.05)
    assert second - first > 0.049


def test_a_lock_is_held_once_and_names_its_holder(tmp_path: Path) -> None:
    with run_lock(tmp_path, "patrol"):
        with pytest.raises(LockHeld, match=str(os.getpid())), run_lock(tmp_path, "patrol"):
            pass
        with run_lock(tmp_path, "index"):
            pass
    with run_lock(tmp_path, "patrol"):
        pass


def test_a_lock_ends_with_its_process_however_it_ends(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from adwatch.store.locks import run_lock\n"
        "with run_lock(Path(sys.argv[1]), 'patrol'):\n    print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(LockHeld, match=str(holder.pid)), run_lock(tmp_path, "patrol"):
            pass
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    with run_lock(tmp_path, "patrol"):
        pass
