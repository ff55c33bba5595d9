"""Chinese names of what keyword lists say by ids: kinds of words, what a list speaks for."""

from __future__ import annotations

import re
from typing import Protocol

from adwatch.app.office import Office

KINDS = {
    "promise": "承诺",
    "certificate": "证书名称",
    "contact": "联系方式",
    "order": "下单用语",
    "seller": "卖家口吻",
    "material": "材料要求",
    "result": "结果",
    "absent": "不到场",
    "renewal": "复审、延期",
    "exam": "考试",
    "report": "报道",
    "notice": "公告",
    "question": "提问",
    "negation": "否定",
    "school": "正规培训",
    "demand": "求购",
    "lawful": "合法情形",
    "textbook": "教材题库",
    "job": "招聘",
    "goods": "一般商品",
    "victim": "受害人",
}
"""What a word of a list is."""
OTHERS = {
    "contact": "联系方式",
    "exam_topic": "考试话题",
    "frame_demand": "语境：求购",
    "frame_denial": "语境：否定",
    "frame_goods": "语境：一般商品",
    "frame_job": "语境：招聘",
    "frame_lawful": "语境：合法情形",
    "frame_notice": "语境：公告",
    "frame_question": "语境：提问",
    "frame_report": "语境：报道",
    "frame_school": "语境：正规培训",
    "frame_textbook": "语境：教材题库",
    "frame_victim": "语境：受害人",
    "ordering": "下单用语",
    "process": "办理流程",
    "seller_voice": "卖家口吻",
}
"""Shipped lists that speak for no offer class and no family."""


class Listed(Protocol):
    """A keyword list."""

    document: str


def speaks(office: Office) -> dict[str, str]:
    """What lists speak for, by id: offer classes, certificate families, contexts."""
    families = {name: each.label for name, each in office.families.items()}
    return {**OTHERS, **families, **{name: each.label for name, each in office.classes.items()}}


def document(found: Listed) -> str:
    """The number of the authority's letter; that it is not there yet, where the list ships without one."""
    return found.document if re.search("[一-鿿]", found.document) else "起始词表，文号待填"
