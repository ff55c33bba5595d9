"""What speaks for a page: its own papers and people, enrolment, an honest word, and the way to the official look-up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from adwatch.text.hosts import host_of
from classifiers.sites.facts import Point
from classifiers.sites.lookalike import GOVERNMENT, Lookalikes
from classifiers.sites.page_acts import BARE, asks
from classifiers.sites.page_parts import SPACE
from classifiers.sites.page_seen import Seen
from classifiers.sites.page_words import Words

MOST = 3.0
"""What honest words alone take off, at most."""
OWN = 40
"""Characters at the top of a page in which its owner stands."""
PARAGRAPH, PARAGRAPHS = 60, 4
"""Characters of a paragraph of running text, and how many of them make an article."""
_ISSUED = re.compile(r"证书?由([\u4e00-\u9fffA-Za-z（）()]{2,24}?)(?:颁发|核发|签发|制发|发放)")
"""Who says that it gives the paper."""
_DISCLAIMED = re.compile(
    r"(?:本|此|该)(?:网?站|平台|系统|页面?|工具|小程序|栏目)[^。；;！!]{0,14}?"
    r"(?:非官方|不是官方|非政府|不是政府|第三方|民间|个人|无关|演示|练习|教学|测试|不提供|不隶属|不代查|不能查)"
    r"|(?:系|是|为|属于?)(?:非官方|第三方|个人|民间)[\u4e00-\u9fff]{0,6}(?:网?站|平台|工具|页面?)"
    r"|与[^。；;！!]{0,24}(?:无任何|没有任何|无|没有)(?:隶属|关联|关系)|不代表任何|纯属虚构|课程设计|毕业设计|教学演示|测试数据"
    r"|不代查|不发证|不掌握|不(?:能|得)?(?:作为|代表)[^。；;！!]{0,16}(?:证明|凭证|许可)"
    r"|仅供(?:本|我)?(?:公司|单位|企业|项目|内部)[^。；;！!]{0,6}(?:内部|使用|管理)"
)
"""A page that says itself that it is no authority's."""
_PAPER = re.compile(r"证书|证件|证照|持证|资格证|操作证|作业证|上岗证|电子证")
_SENT = re.compile(
    r"(?:登录|登陆|前往|访问|通过|请到|请在|只认|认准|跳转|以)[^。；;！!]{0,30}?"
    r"(?:官网|官方|主管部门|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.gov\.cn)[^。；;！!]{0,16}?(?:查询|核验|核实|为准|查|网站|平台)"
)
"""A sentence that sends readers to the authority's own look-up."""


def excuses(page: Seen, words: Words, acting: bool, claimed: bool, hosts: Lookalikes, day: date) -> Iterator[Point]:
    """Points below nought; ``claimed``: whether an authority stands in its title."""
    honest = words.all("honest", page.text)
    if honest:
        most = 1.0 if acting and claimed else MOST
        yield Point("honest", -min(float(len(honest)), most), f"含“{'”“'.join(honest[:3])}”")
    if page.actions and all(_official(each, hosts, day) for each in page.actions):
        yield Point("sends_away", -3.0, "表单提交到官方网站")
    elif (said := _SENT.search(page.text.lower())) and any(_official(each, hosts, day) for each in page.links):
        yield Point("sends_away", -1.5, f"请人到官方网站查询：“{said[0][:40]}”")
    if (said := _DISCLAIMED.search(page.bare)) is not None:
        yield Point("disclaim", -2.0, f"声明“{said[0]}”")
    if acting:
        yield from _own(page, words, claimed)
        if _enrols(page, words):
            yield Point("enrols", -1.5, "登记、报名的表单")
        if sum(len(SPACE.sub("", each.text_content())) > PARAGRAPH for each in page.root.iter("p")) >= PARAGRAPHS:
            yield Point("article", -1.0, "多为成段的文章")


def _own(page: Seen, words: Words, claimed: bool) -> Iterator[Point]:
    """A page that speaks of its own papers, people and name, not of an authority's."""
    named = claimed or words.any("paper", page.title)
    where = f"{page.title if named else page.head} {' '.join(page.labels)}"
    if (word := words.first("own_paper", where)) is not None:
        yield Point("own_paper", -1.5, f"查的是“{word}”")
    issued = _ISSUED.search(page.bare)
    if issued is not None and not words.any("authority", issued[1]):
        yield Point("own_issuer", -1.0, f"称由“{issued[1]}”发证")
    if claimed:
        return
    spoken = words.any("paper", page.bare) or words.any("authority", page.head) or _PAPER.search(page.bare)
    if len(page.bare) >= BARE and not spoken and not words.any("field_number", " ".join(page.labels)):
        yield Point("no_paper", -1.5, "没有提到任何人员证书")
    if (word := words.first("own_people", page.bare)) is not None:
        yield Point("own_people", -1.0, f"说的是本单位的人：“{word}”")
    if (word := words.first("itself", f"{page.title}{page.bare[:OWN]}")) is not None:
        yield Point("itself", -1.0, f"页首是自己的名称：“{word}”")


def _official(address: str, hosts: Lookalikes, day: date) -> bool:
    host = host_of(address) if "://" in address[:12] else None
    if host is None:
        return False
    government = host.endswith(tuple(f".{suffix}" for suffix in GOVERNMENT))
    return government or hosts.officials.host(host, day)[0] == "official"


def _enrols(page: Seen, words: Words) -> bool:
    """A form that takes more of a person than a look-up needs, and looks nothing up."""
    if asks(page, words):
        return False
    if any(words.any("enrol", said) for said in page.buttons):
        return True
    numbered = any(words.any("field_number", about) for about in page.labels)
    return not numbered and sum(words.any("field_more", about) for about in page.labels) >= 2
