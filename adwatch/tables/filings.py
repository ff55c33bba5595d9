"""Numbers that a site in China must show: ICP, 公安联网备案, 政府网站标识码; read and checked by form.

Forms: 非经营性互联网信息服务备案管理办法 (the province's short name, ICP备, 8 or 10 digits, 号, the site's number);
互联网信息服务管理办法 (ICP证, 6 or 8 digits); the police's filing service (14 digits, the first two the province by
GB/T 2260); 国办函〔2015〕144号 (bm with 8 digits, or 10 digits that begin with a region). A number of right form may
still be copied: whose it is only the register of the communications authority knows.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from adwatch.tables import table_file

KINDS = {"icp": "ICP备案", "icp_licence": "ICP许可", "police": "公安备案", "government": "政府网站标识码"}
"""Chinese names of the kinds."""
_GAP = r"[\s:.\-]{0,3}"
_ICP = re.compile(
    rf"(.?){_GAP}ICP{_GAP}([备证]){_GAP}(?:案号)?{_GAP}([0-9A-Za-z]{{1,16}})?(?:{_GAP}号)?(?:-([0-9]{{1,3}}))?", re.I
)
_POLICE = re.compile(rf"(.?){_GAP}公网安备{_GAP}([0-9A-Za-z]{{1,20}})?")
_GOVERNMENT = re.compile(r"网站标识码\s*[::]?\s*([0-9A-Za-z]{1,16})")


@dataclass(frozen=True, slots=True)
class Filing:
    """One number as a page shows it."""

    kind: str
    """One of KINDS."""
    number: str
    """As it should be written."""
    province: str | None
    """Name of the province that gave it."""
    wrong: tuple[str, ...]
    """What is wrong with its form, in words."""
    start: int
    """Place in the text, folded by width (NFKC)."""


def filings(text: str) -> list[Filing]:
    """All numbers in a text, in order."""
    folded = unicodedata.normalize("NFKC", text)
    found = [_icp(match) for match in _ICP.finditer(folded)]
    found += [_police(match) for match in _POLICE.finditer(folded)]
    found += [_government(match) for match in _GOVERNMENT.finditer(folded)]
    return sorted(found, key=lambda filing: filing.start)


def _icp(match: re.Match[str]) -> Filing:
    short, kind, digits, site = match.groups()
    licence = kind == "证"
    province = provinces().get(short)
    wrong = [] if province else ["没有省份简称"]
    lengths = (6, 8) if licence else (8, 10)
    if digits is None or not digits.isdecimal():
        wrong.append("没有数字编号")
    elif len(digits) not in lengths:
        wrong.append(f"编号应为{lengths[0]}或{lengths[1]}位数字，现为{len(digits)}位")
    number = f"{short if province else ''}ICP{kind}{digits or ''}号" + (f"-{site}" if site else "")
    named = province[1] if province else None
    return Filing("icp_licence" if licence else "icp", number, named, tuple(wrong), match.start())


def _police(match: re.Match[str]) -> Filing:
    short, digits = match.groups()
    province = provinces().get(short)
    wrong = [] if province else ["没有省份简称"]
    if digits is None or not digits.isdecimal():
        wrong.append("没有数字编号")
    elif len(digits) != 14:
        wrong.append(f"编号应为14位数字，现为{len(digits)}位")
    elif province and not digits.startswith(province[0]):
        wrong.append(f"编号开头应为{province[0]}（{province[1]}）")
    number = f"{short if province else ''}公网安备{digits or ''}号"
    return Filing("police", number, province[1] if province else None, tuple(wrong), match.start())


def _government(match: re.Match[str]) -> Filing:
    code = match.group(1)
    names = dict(provinces().values())
    if re.fullmatch(r"bm[0-9]{8}", code, re.I):
        return Filing("government", code.lower(), None, (), match.start())
    if re.fullmatch(r"[0-9]{10}", code):
        name = names.get(code[:2])
        return Filing("government", code, name, () if name else ("开头不是省份代码",), match.start())
    return Filing("government", code, None, ("应为 bm 加8位数字，或10位数字",), match.start())


@cache
def provinces() -> dict[str, tuple[str, str]]:
    """Short name → (two digits of GB/T 2260, name)."""
    with table_file("provinces.csv").open(encoding="utf-8", newline="") as handle:
        return {row["short"]: (row["code"], row["name"]) for row in csv.DictReader(handle)}
