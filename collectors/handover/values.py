"""One written value → one typed value: prices in fen, counts, times in UTC, lists of addresses."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

from adwatch.text import clean, url_norm

TEXT_LIMIT = 1 << 20
"""Longest value accepted, in characters; a row with a longer one is refused."""
_LARGEST = 10**15
"""Prices and counts from here on are misprints, and the store's integers end soon after."""

_PLAIN_PRICE = re.compile(r"[¥￥]?\s?(\d{1,12})(?:\.(\d{1,2}))?\s?元?", re.ASCII)
_PRICE = re.compile(
    r"(?:(?:现价|售价|价格|到手价|券后价?|仅需|只要|约|人民币|rmb|cny)[:：]?)?\s*(?:¥|￥|rmb|cny)?\s*"
    r"(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)\s*(万|千|百|[wk])?\s*(?:元|块钱?|圆|rmb|cny|人民币)?"
    r"(?:\s*(?:起|左右|/[\w\u4e00-\u9fff]{1,4}|每[\w\u4e00-\u9fff]{1,2}|整))?",
)
_COUNT = re.compile(r"\D{0,8}?(\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)\s*(亿|万|千|[wk])?\s*\+?\D{0,8}")
_TIMES_TEN = {"百": 2, "千": 3, "k": 3, "万": 4, "w": 4, "亿": 8, None: 0}
_WRITTEN_TIME = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?[\sT]*"
    r"(?:(?:星期|周)[一二三四五六日天])?\s*(上午|下午|晚上|凌晨|早上|中午|am|pm)?\s*"
    r"(?:(\d{1,2})\s*[:时点]\s*(?:(\d{1,2})\s*[:分]?\s*(?:(\d{1,2})(?:\.(\d{1,6})\d*)?\s*秒?)?)?)?\s*(am|pm)?\s*"
    r"(z|utc|gmt|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"https?://[^\s<>\"'，。；、）】」》|\\]+", re.IGNORECASE)
_BETWEEN_ADDRESSES = re.compile(r"[\s,;|，；、]+(?=https?:|/|$)|[\s|]+", re.IGNORECASE)
_UNSAFE = re.compile(r"\s*(?:javascript|data|vbscript)\s*:", re.IGNORECASE)
_NORMAL_ADDRESS = re.compile(
    r"https?://[a-z0-9][a-z0-9.-]*/(?:(?:[A-Za-z0-9_.~-]+/)*[A-Za-z0-9_.~-]+)?"
    r"(?:\?(?:id|item_?id|goods_?id|sku|aid|tid|vid|bvid|note_?id|p|k|q)=[A-Za-z0-9_.~-]+)?"
)
_EXCEL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  # a wall clock; the caller's zone is put on it


class ValueRefused(Exception):
    """The row cannot be taken because of this value: a reason word and a message for the user."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason, self.message = reason, message


def to_text(value: object) -> str | None:
    """Text without outer blanks; blank is absent; NUL becomes U+FFFD."""
    if type(value) is str:
        text = value.strip()
        if len(text) > TEXT_LIMIT:
            raise ValueRefused(
                "too_large",
                f"一格有 {len(text):,} 字，至多接受 {TEXT_LIMIT:,} 字"
                f" a value has {len(text):,} characters; {TEXT_LIMIT:,} are accepted",
            )
        if "\0" in text:
            text = clean(text)
        return text or None
    return _other_text(value)


def _other_text(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return str(int(value)) if value.is_integer() and abs(value) < 10**15 else repr(value)
    if isinstance(value, int):
        try:
            return str(value)
        except ValueError as error:  # more digits than Python converts
            raise ValueRefused("too_large", "一个数有上千位 a number has thousands of digits") from error
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, time | timedelta):
        return str(value)
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return to_text("\n".join(value))
    raise ValueRefused(
        "wrong_type",
        f"此处应是文字，而不是 {type(value).__name__} text is expected where a {type(value).__name__} stands",
    )


def to_id(value: object) -> str | None:
    """An identifier; one that a spreadsheet has rounded (1.23E+17) would join different items, and is refused."""
    if type(value) is str:
        text = to_text(value)
        if text is not None and "E+" in text.upper() and re.fullmatch(r"\d(\.\d+)?[eE]\+\d+", text):
            raise ValueRefused(
                "lossy_id",
                f"{text} 是被舍入的数：请把该列设为文本后重新导出"
                f" {text} is a rounded number; format the column as text and export it again",
            )
        return text
    if isinstance(value, float) and abs(value) >= 10**15:
        raise ValueRefused(
            "lossy_id",
            f"{value!r} 是被舍入的数：请把该列设为文本后重新导出"
            f" {value!r} is a rounded number; format the column as text and export it again",
        )
    return _other_text(value)


def to_url(value: object) -> str | None:
    """An address, also out of a shared sentence (【…】https://… 点击链接); a script or data link is no address."""
    text = to_text(value)
    if text is None or (text.startswith(("https://", "http://")) and " " not in text and "\n" not in text):
        return text
    found = _ADDRESS.search(text)
    if found:
        return found.group()
    return None if _UNSAFE.match(text) or any(c in text for c in " \n\t") else text


def normal_url(url: str) -> str | None:
    """As url_norm, which costs 15 µs; an address already in that form (most are) is seen by one match."""
    return url if _NORMAL_ADDRESS.fullmatch(url) else url_norm(url)


def first_address(text: str | None) -> str | None:
    """The first http(s) address in a text."""
    found = _ADDRESS.search(text) if text else None
    return found.group() if found else None


def to_addresses(value: object) -> tuple[str, ...]:
    """Addresses in a list, a JSON list in a cell, or a cell separated by blanks, commas, semicolons or bars."""
    if type(value) is list and len(value) == 1 and type(value[0]) is str and _ADDRESS.fullmatch(value[0]):
        return (value[0],)
    parts = value if isinstance(value, list) else [value]
    out: dict[str, None] = {}
    for part in parts[:1000]:
        item = part.get("url") or part.get("src") if isinstance(part, dict) else part
        if not item:
            continue
        text = to_text(item)
        if text is None:
            continue
        if text.startswith("["):
            text = text.strip("[]").replace('"', " ").replace("\\/", "/")
        out.update((one, None) for one in _BETWEEN_ADDRESSES.split(text) if one and not _UNSAFE.match(one))
    return tuple(out)


@lru_cache(maxsize=8192)
def price_fen(text: str) -> int | None:
    """Price in fen; None for 面议, for a range, for foreign money and for what is no price."""
    plain = _PLAIN_PRICE.fullmatch(text)
    if plain:
        yuan, fraction = plain.groups()
        return int(yuan) * 100 + int((fraction or "0").ljust(2, "0"))
    if len(text) > 64:
        return None
    found = _PRICE.fullmatch(unicodedata.normalize("NFKC", text).strip().lower())
    if not found:
        return None
    return _scaled(found[1], found[2], 2)


def to_price_fen(value: object) -> int | None:
    """A price that is already in fen."""
    text = to_text(value)
    return _scaled(text, None, 0) if text and re.fullmatch(r"\d+(\.0+)?", text, re.ASCII) else None


def to_count(value: object) -> int | None:
    """A whole number as sites show it: 120, 1,200, 1.2万, 1000+, 评价 35 条."""
    text = to_text(value)
    if text is None or len(text) > 64:
        return None
    found = _COUNT.fullmatch(unicodedata.normalize("NFKC", text).lower())
    return _scaled(found[1], found[2], 0) if found else None


def _scaled(digits: str, unit: str | None, more: int) -> int | None:
    try:
        exact = Decimal(digits.replace(",", "")).scaleb(_TIMES_TEN[unit] + more)
        whole = int(exact.quantize(Decimal(1), ROUND_HALF_UP))
    except InvalidOperation:
        return None
    return whole if whole < _LARGEST else None


def to_time(value: object, zone: tzinfo) -> datetime | None:
    """A time as aware UTC: ISO, written with / or 年月日, epoch seconds or milliseconds, a spreadsheet's day number.

    One without a zone is in ``zone``. None for what is no time between 1980 and 2200.
    """
    if type(value) is str:
        text = value.strip()
        suffix = _zone_suffix(zone, text[:7]) if len(text) in (16, 19) else None
        if suffix:
            try:
                return datetime.fromisoformat(text + suffix).astimezone(UTC)
            except ValueError:
                pass  # another form: read below
        try:
            moment = _from_digits(int(text)) if text.isdecimal() and len(text) < 15 else datetime.fromisoformat(text)
        except ValueError:
            moment = _written(text)
    elif isinstance(value, datetime):
        moment = value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        try:
            moment = _from_digits(value)
        except ValueError:  # 20311131: digits of no day
            return None
    else:
        moment = None
    if moment is None or not 1980 <= moment.year < 2200:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


@lru_cache(maxsize=1024)
def _zone_suffix(zone: tzinfo, month: str) -> str | None:
    """The zone's offset in that month (2026-11) as +08:00; None where it changes within it, or that is no month.

    Putting a zone on a parsed time costs ten times the parsing; this makes it one step.
    """
    try:
        days = [datetime.fromisoformat(f"{month}-{day:02d}").replace(tzinfo=zone) for day in (1, 8, 15, 22, 28)]
    except ValueError:
        return None
    days += [days[0] - timedelta(days=1), days[-1] + timedelta(days=5)]
    offsets = {day.isoformat()[19:] for day in days}
    return offsets.pop() if len(offsets) == 1 and 1980 <= days[0].year < 2200 else None


def excel_time(days: float, from_1904: bool = False) -> datetime | None:
    """Wall clock of a spreadsheet's day number, to the millisecond."""
    if not 0 <= days < 120_000:
        return None
    moment = _EXCEL_EPOCH + timedelta(days=1462 if from_1904 else 0, milliseconds=round(days * 86_400_000))
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _from_digits(number: float) -> datetime | None:
    if 20_000 <= number < 80_000:
        return excel_time(number)
    if 19_800_101 <= number < 22_000_101:  # 20261116
        return datetime.strptime(str(int(number)), "%Y%m%d")  # noqa: DTZ007  # a wall clock; the zone is put on it
    if 19_800_101_000_000 <= number < 22_000_101_000_000:  # 20261116090000; as milliseconds: the year 2597
        return datetime.strptime(str(int(number)), "%Y%m%d%H%M%S")  # noqa: DTZ007  # likewise
    for unit in (1, 1000, 1_000_000):
        if 300_000_000 * unit <= number < 7_300_000_000 * unit:
            return datetime.fromtimestamp(number / unit, UTC)
    return None


def _written(text: str) -> datetime | None:
    if len(text) > 64:
        return None
    found = _WRITTEN_TIME.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if not found:
        return None
    half = (found[4] or found[9] or "").lower()
    hour = int(found[5] or 0)
    if half in ("下午", "晚上", "pm") and hour < 12:
        hour += 12
    elif half in ("上午", "凌晨", "am") and hour == 12:
        hour = 0
    micro = int((found[8] or "0").ljust(6, "0"))
    numbers = (int(found[1]), int(found[2]), int(found[3]), hour, int(found[6] or 0), int(found[7] or 0), micro)
    try:
        return datetime(*numbers, tzinfo=_offset(found[10]) if found[10] else None)
    except ValueError:
        return None


def _offset(text: str) -> tzinfo:
    if text[0] not in "+-":
        return UTC
    digits = text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)
