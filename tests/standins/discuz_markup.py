"""The parts of a Discuz! X page that do not depend on the stand-in's state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from html import escape
from urllib.parse import quote

DELETED = "抱歉，指定的主题不存在或已被删除或正在被审核"
FORBIDDEN = "抱歉，您没有权限访问该版块"
LOGIN = "抱歉，您需要登录后才可以继续浏览"

_LOGIN_FORM = (
    '<form method="post" id="{name}" action="member.php?mod=logging&amp;action=login">'
    '<input type="text" name="username"><input type="password" name="password"><button type="submit">登录</button></form>'
)


@dataclass(frozen=True)
class Row:
    """A row of the list. Dates are HTML; addresses, titles and names are plain text. ``more``: a thread's later pages."""

    name: str
    title: str
    address: str
    more: list[tuple[int, str]]
    uid: int
    author: str
    created: str
    replies: int
    views: int
    last_author: str
    last: str
    last_address: str


def page_html(title: str, body: str, encoding: str, guest: bool) -> str:
    """A whole page; a guest finds the short form to log in at the top of every page."""
    form = _LOGIN_FORM.format(name="lsform") if guest else '<a href="home.php?mod=space">示例会员</a>'
    return (
        f'<!DOCTYPE html><html><head><meta http-equiv="Content-Type" content="text/html; charset={encoding}">'
        f'<title>{escape(title)} - Powered by Discuz!</title><meta name="generator" content="Discuz! X3.4"></head>'
        f'<body><div id="hd">{form}</div><div id="ct" class="wp cl">{body}</div></body></html>'
    )


def refusal(message: str, guest: bool) -> str:
    """The box with a message, for a guest above the long form to log in where that would help."""
    form = _LOGIN_FORM.format(name="loginform_L1") if guest and message == LOGIN else ""
    return f'<div id="messagetext" class="alert_error"><p>{escape(message)}</p></div>{form}'


def pager(page: int, last: int, address: Callable[[int], str]) -> str:
    """``div.pg``, or nothing for a single page."""
    if last < 2:
        return ""
    parts = []
    if page > 1:
        parts.append(f'<a href="{escape(address(page - 1))}" class="prev">&nbsp;&nbsp;</a>')
    for one in sorted({1, *range(max(page - 2, 1), min(page + 7, last) + 1), last}):
        shown = f"... {one}" if one == last > page + 8 else str(one)
        parts.append(
            f"<strong>{one}</strong>" if one == page else f'<a href="{escape(address(one))}">{shown}</a>',
        )
    if page < last:
        parts.append(f'<a href="{escape(address(page + 1))}" class="nxt">下一页</a>')
    return f'<div class="pg">{"".join(parts)}</div>'


def dated(moment: datetime, today: datetime, timed: bool) -> str:
    """``moment`` in HTML, both in the forum's zone: absolute, or for the last week relative under a ``title`` that is absolute."""
    full = f"{moment.year}-{moment.month}-{moment.day}" + (f" {moment:%H:%M}" if timed else "")
    days = (today.date() - moment.date()).days
    if moment > today or days > 6:
        return full
    minutes = int((today - moment).total_seconds()) // 60
    if days == 0:
        near = f"{minutes // 60}&nbsp;小时前" if minutes >= 60 else f"{minutes}&nbsp;分钟前"
    else:
        near = f"{('昨天', '前天')[days - 1]}&nbsp;{moment:%H:%M}" if days < 3 else f"{days}&nbsp;天前"
    return f'<span title="{full}">{near}</span>'


def thread_row(row: Row) -> str:
    """One ``tbody`` of the list."""
    address = escape(row.address)
    pages = "".join(f'<a href="{escape(where)}">{number}</a>' for number, where in row.more)
    more = f'<span class="tps">&nbsp;...{pages}</span>' if pages else ""
    return (
        f'<tbody id="{row.name}"><tr><td class="icn"><a href="{address}" title="新窗口打开" target="_blank"></a></td>'
        f'<th class="common"><a href="{address}" onclick="atarget(this)" class="s xst">{escape(row.title)}</a>{more}</th>'
        f'<td class="by"><cite><a href="home.php?mod=space&amp;uid={row.uid}">{escape(row.author)}</a></cite><em>{row.created}</em></td>'
        f'<td class="num"><a href="{address}" class="xi2">{row.replies}</a><em>{row.views}</em></td>'
        f'<td class="by"><cite><a href="home.php?mod=space&amp;username={quote(row.last_author)}">{escape(row.last_author)}</a></cite>'
        f'<em><a href="{escape(row.last_address)}">{row.last}</a></em></td></tr></tbody>'
    )
