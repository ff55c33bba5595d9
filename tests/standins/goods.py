"""A deterministic invented catalogue, which each stand-in renders in its own form."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

SIZE = 260
FIRST_SEEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
WORDS = ("特种作业证", "电工证", "免考")
"""Search words that some titles hold and most do not."""

_PLAIN = (
    "干粉灭火器",
    "绝缘手套",
    "安全帽",
    "配电箱",
    "焊接面罩",
    "反光背心",
    "万用表",
    "应急照明灯",
    "防护鞋",
    "高空安全带",
)
_ADVERTS = ("特种作业证 快速办理", "电工证 培训报名", "焊工免考 三天出证", "低压电工证 免考直出", "特种作业证 复审代办")


@dataclass(frozen=True)
class Good:
    """One invented article; ``price`` and ``list_price`` in fen, ``sold`` in pieces over 30 days."""

    number: int
    title: str
    description: str
    price: int
    list_price: int
    seller_id: int
    seller: str
    picture: str
    sold: int
    created: datetime


def _good(number: int) -> Good:
    index = number - 1
    advert = index % 5 == 0
    kind = _ADVERTS[index // 5 % len(_ADVERTS)] if advert else _PLAIN[index % len(_PLAIN)]
    price = 990 + index * 137 % 60_000
    seller = index % 17
    return Good(
        number=number,
        title=f"{kind} 第{number}款",
        description=f"{kind},示例说明 {number}",
        price=price,
        list_price=price + 1000,
        seller_id=1001 + seller,
        seller=f"示例店铺{seller + 1:02d}",
        picture=f"//img.example/{number}.jpg",
        sold=index * 31 % 900,
        created=FIRST_SEEN + timedelta(hours=number),
    )


CATALOGUE: tuple[Good, ...] = tuple(_good(number) for number in range(1, SIZE + 1))


def matching(word: str, catalogue: tuple[Good, ...] = CATALOGUE) -> list[Good]:
    """The goods whose title holds ``word``, in the catalogue's order."""
    return [good for good in catalogue if word in good.title]


def yuan(fen: int) -> str:
    """``fen`` as a decimal string of yuan with two places."""
    return f"{fen // 100}.{fen % 100:02d}"
