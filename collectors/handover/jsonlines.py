"""JSON lines, one JSON array, or objects one after another (pretty-printed) → rows."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import orjson

from adwatch.models import Listing
from adwatch.text import clean
from collectors.handover.encoding import LINE_LIMIT, byte_lines, decode_piece, text_lines, text_pieces
from collectors.handover.rows import RefusedRow, RowReader
from collectors.handover.values import ValueRefused

_BETWEEN = re.compile(r"[\s,\ufeff]*")
_NEXT_OBJECT = re.compile(r"(?:\}\s*,?|\n)\s*(?=\{)")
_TRIM = 1 << 16
_DECODER = json.JSONDecoder(strict=False, parse_constant=lambda _: None)


def parse(line: bytes | str) -> Any:
    """One JSON text; where the fast parser refuses it, lone surrogates, NaN, raw control characters and another
    encoding are mended. ValueRefused for what is no JSON, or is nested too deep."""
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return _mended(line if isinstance(line, str) else decode_piece(line))


def _mended(text: str) -> Any:
    try:
        return _cleaned(_DECODER.decode(text.strip("\ufeff\0 \r\n\t")))
    except json.JSONDecodeError as error:
        raise ValueRefused(
            "bad_json", f"不是 JSON，错在第 {error.pos + 1} 字 no JSON: {error.msg} at character {error.pos + 1}"
        ) from error
    except RecursionError as error:
        raise ValueRefused(
            "too_deep", "嵌套过深，一条信息应是一层的对象 nested too deep; a listing is one flat object"
        ) from error
    except ValueError as error:  # a number of more digits than Python converts
        raise ValueRefused("bad_json", f"不是 JSON no JSON: {error}") from error


def _cleaned(row: Any) -> Any:
    """The row without the lone surrogates that only the lenient parser lets through, in its fields and their lists."""
    if type(row) is not dict:
        return row
    return {clean(name): _plain(value) for name, value in row.items()}


def _plain(value: Any) -> Any:
    if type(value) is str:
        return clean(value)
    if type(value) is list:
        return [clean(part) if type(part) is str else part for part in value]
    return value


def read_lines(
    read: Callable[[int], bytes], encoding: str | None, name: str, rows: RowReader
) -> Iterator[Listing | RefusedRow]:
    """JSON lines: the row number is the line number."""
    wide = encoding is not None and encoding != "utf-8"
    lines: Iterator[bytes | str | None] = text_lines(read, encoding) if wide else byte_lines(read)
    loads, listing = orjson.loads, rows.json_listing
    for number, line in enumerate(lines, 1):
        try:
            try:
                row = loads(line)  # type: ignore[arg-type]
            except orjson.JSONDecodeError:
                if line is None:
                    raise ValueRefused(
                        "too_large", f"一行超过 {LINE_LIMIT:,} 字节 the line is longer than {LINE_LIMIT:,} bytes"
                    ) from None
                if not line.strip():
                    continue
                row = parse(line)
            if type(row) is not dict:
                raise ValueRefused("not_object", "每行应是一个 JSON 对象 one JSON object a line is expected")
            found = listing(row, number)
        except ValueRefused as error:
            yield RefusedRow(error.reason, f"{name}:{number}", error.message, name, number, _raw(line))
            continue
        yield found


def read_objects(
    read: Callable[[int], bytes], encoding: str | None, name: str, rows: RowReader
) -> Iterator[Listing | RefusedRow]:
    """One array of objects, or objects one after another, in constant memory; the row number is the object's number."""
    for number, row in each_object(text_pieces(read, encoding)):
        if isinstance(row, Broken):
            yield RefusedRow(row.reason, f"{name}:object {number}", row.message, name, number, row.raw)
            continue
        try:
            yield rows.json_listing(row, number)
        except ValueRefused as error:
            raw = json.dumps(row, ensure_ascii=False, default=str)[:20_000]
            yield RefusedRow(error.reason, f"{name}:object {number}", error.message, name, number, raw)


def each_object(pieces: Iterator[str], *, one_array: bool = False) -> Iterator[tuple[int, dict[str, Any] | Broken]]:
    """(number, object or what is wrong with it) in constant memory; with ``one_array`` no further than its end."""
    buffer, at, number, more = "", 0, 0, True
    first = True
    while True:
        if at > _TRIM:  # an error counts the lines before it: the cost must not grow with what was read
            buffer, at = buffer[at:], 0
        at = _BETWEEN.match(buffer, at).end()  # type: ignore[union-attr]
        if first and buffer[at : at + 1] == "[":
            first, at = False, at + 1
            continue
        if at >= len(buffer) or (buffer[at] == "]" and not more):
            if not more:
                return
            buffer, at, more = _refill(buffer, at, pieces, 1)
            continue
        if buffer[at] == "]" and not first:
            if one_array:
                return
            at += 1
            continue
        first = False
        number += 1
        try:
            row, at, buffer, more = _next_object(buffer, at, pieces, more)
        except Broken as error:
            end = _NEXT_OBJECT.search(error.buffer, error.at)
            error.raw = error.buffer[error.at : end.end() if end else error.at + 2000][:20_000]
            yield number, error
            buffer, at, more = error.buffer, end.end() if end else len(error.buffer), error.more
            continue
        if type(row) is dict:
            yield number, row
        else:
            raw = json.dumps(row, ensure_ascii=False, default=str)[:20_000]
            yield number, Broken("not_object", "an object is expected as each element of the array", raw=raw)


class Broken(ValueRefused):
    """An element that cannot be read, with the buffer in which the search for the next one goes on."""

    def __init__(
        self, reason: str, message: str, buffer: str = "", at: int = 0, more: bool = False, *, raw: str = ""
    ) -> None:
        super().__init__(reason, message)
        self.buffer, self.at, self.more, self.raw = buffer, at, more, raw


def _next_object(buffer: str, at: int, pieces: Iterator[str], more: bool) -> tuple[Any, int, str, bool]:
    """(row, where it ended, buffer, whether there is more): reads on until the element is whole or over the limit."""
    want = 1
    while True:
        try:
            row, end = _DECODER.raw_decode(buffer, at)
        except json.JSONDecodeError as error:
            if more and len(buffer) - at < LINE_LIMIT:
                buffer, at, more = _refill(buffer, at, pieces, want)
                want *= 2
                continue
            raise Broken(
                "bad_json", f"不是 JSON，错在第 {error.pos + 1} 字 no JSON: {error.msg}", buffer, at, more
            ) from error
        except RecursionError as error:
            raise Broken(
                "too_deep",
                "嵌套过深，一条信息应是一层的对象 nested too deep; a listing is one flat object",
                buffer,
                at,
                more,
            ) from error
        except ValueError as error:
            raise Broken("bad_json", f"不是 JSON no JSON: {error}", buffer, at, more) from error
        if end == len(buffer) and more and type(row) is not dict:  # a number may go on
            buffer, at, more = _refill(buffer, at, pieces, want)
            continue
        surrogates = buffer.find("\\ud", at, end) >= 0 or buffer.find("\\uD", at, end) >= 0
        return _cleaned(row) if surrogates else row, end, buffer, more


def _refill(buffer: str, at: int, pieces: Iterator[str], count: int) -> tuple[str, int, bool]:
    parts = [buffer[at:]]
    for _ in range(count):
        piece = next(pieces, None)
        if piece is None:
            return "".join(parts), 0, False
        parts.append(piece)
    return "".join(parts), 0, True


def _raw(line: bytes | str | None) -> str:
    if line is None:
        return ""
    return (decode_piece(line[:20_000]) if isinstance(line, bytes) else line[:20_000]).rstrip("\r\n")
