"""The contract of ``adwatch classify``: order kept, bad lines answered, offsets in the raw text."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from adwatch.app.classify_filter import filter_lines, line_batches, parse_line, run_filter
from classifiers.judge import OfferJudge
from tests.app.conftest import Command

OFFER = "低压电工证免考包过，人不用来，三天拿证，加微信 abcde12345"


@pytest.fixture(scope="module")
def judge() -> OfferJudge:
    return OfferJudge.load()


def answers(judge: OfferJudge, *lines: bytes) -> list[dict[str, Any]]:
    return [answer for answer, _good in filter_lines(judge, lines, 1)]


def test_answers_hold_the_contract(judge: OfferJudge) -> None:
    row = {"id": 7, "title": "电工证", "text": OFFER}
    [answer] = answers(judge, json.dumps(row).encode())
    assert answer["id"] == 7
    assert answer["flagged"] is True
    assert answer["band"] == "flagged"
    assert answer["scope"] == "safety_production"
    assert "exam_exemption" in answer["offer_types"]
    raw = f"{row['title']}\n{row['text']}"
    assert answer["evidence"]
    for found in answer["evidence"]:
        assert raw[found["start"] : found["end"]] == found["surface"]
        assert set(found) == {"start", "end", "surface", "keyword", "list", "fold"}
    assert [c["kind"] for c in answer["contacts"]] == ["wechat"]
    assert "abcde12345" not in json.dumps(answer["contacts"])


def test_order_is_kept_and_bad_lines_are_answered_in_place(judge: OfferJudge) -> None:
    lines = [
        b'{"id":"a","text":"x"}',
        b"not json",
        b"",
        b'{"id":"b","text":5}',
        b"[1]",
        b'{"id":"c"}',
        b'{"id":"d","text":""}',
    ]
    got = answers(judge, *lines)
    assert [row["id"] for row in got] == ["a", None, None, None, None, "d"]
    assert [row["line"] for row in got if "error" in row] == [2, 4, 5, 6]


@pytest.mark.parametrize(
    "line",
    [
        b'{"text":"\\ud800 x"}',
        b'{"text":"a\\u0000b"}',
        '{"text":"\u202e\u8b49"}'.encode(),
        b'{"text":"x","more":{"a":[1]}}',
    ],
)
def test_strange_but_good_lines(judge: OfferJudge, line: bytes) -> None:
    [answer] = answers(judge, line)
    assert "error" not in answer


@pytest.mark.parametrize("line", [b"[" * 20000 + b"]" * 20000, b"\xff\xfe{}", b"NaN", b'{"title":["x"]}'])
def test_bad_lines_say_what_is_wrong(line: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_line(line)


def test_lines_are_answered_as_they_arrive() -> None:
    class Trickle(io.RawIOBase):
        def __init__(self) -> None:
            self.parts = [b'{"a":1}\n{"b"', b":2}\n", b"last"]

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            part = self.parts.pop(0) if self.parts else b""
            buffer[: len(part)] = part
            return len(part)

    batches = list(line_batches(io.BufferedReader(Trickle(), 64)))
    assert batches == [[b'{"a":1}'], [b'{"b":2}'], [b"last"]]


def test_the_command_exits_1_when_a_line_was_bad(command: Command) -> None:
    stdin = json.dumps({"id": 1, "text": OFFER}).encode() + b"\nbroken\n" + b'{"id":2,"text":"ok"}\n'
    done = command.run("classify", stdin=stdin)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert [row["id"] for row in rows] == [1, None, 2]
    assert rows[0]["flagged"]
    assert b"Traceback" not in done.stderr


def test_run_filter_gives_false_when_all_is_well() -> None:
    out = io.BytesIO()
    assert run_filter(io.BytesIO(b'{"id":1,"text":"\xe4\xbd\xa0"}'), out) is False
    assert json.loads(out.getvalue())["band"] == "clear"


def children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.slow
def test_several_processes_answer_as_one_does_and_while_more_is_awaited(command: Command) -> None:
    lines = [json.dumps({"id": n, "text": OFFER * (n % 3) + "一架旧电扇"}).encode() for n in range(400)]
    lines[7:7] = [b"broken", b"", b'{"id":"x"}']
    one = command.run("classify", stdin=b"\n".join(lines))
    asked = [sys.executable, "-m", "adwatch", "classify", "--jobs", "2"]
    with subprocess.Popen(asked, stdin=-1, stdout=-1, stderr=-1, env=command.environment) as several:
        assert several.stdin is not None
        assert several.stdout is not None
        several.stdin.write(lines[0] + b"\n")
        several.stdin.flush()
        first = several.stdout.readline()  # though the input is not at its end
        several.stdin.write(b"\n".join(lines[1:]))
        several.stdin.close()
        rest = several.stdout.read()
        assert several.wait(120) == 1
    assert first + rest == one.stdout


@pytest.mark.slow
def test_a_process_that_is_killed_is_told_and_nothing_hangs(command: Command) -> None:
    asked = [sys.executable, "-m", "adwatch", "classify", "--jobs", "2"]
    with subprocess.Popen(asked, stdin=-1, stdout=-1, stderr=-1, env=command.environment) as several:
        assert several.stdin is not None
        assert several.stdout is not None
        assert several.stderr is not None
        several.stdin.write(b'{"id":1,"text":"x"}\n')
        several.stdin.flush()
        several.stdout.readline()
        workers = [pid for pid in children(several.pid) if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]
        assert workers
        for pid in workers:
            os.kill(pid, signal.SIGKILL)
        several.stdin.write(b'{"id":2,"text":"x"}\n')
        several.stdin.close()
        told = several.stderr.read()
        assert several.wait(120) == 3
    assert "run it again" in told.decode()
    assert b"Traceback" not in told
