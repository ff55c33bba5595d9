"""What a person is told when something cannot be done: in the console's frame, in Chinese, with the way back.

A message of a verb also names what to type into a shell; on a screen that is left out. Of an unforeseen error nothing
is said; the log has it.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from adwatch.app import Office, accounts
from adwatch.console import pages
from adwatch.console.desk import COOKIE, Cookies, Denied, Desk, local
from adwatch.console.guard import SAFE, TooLarge
from adwatch.errors import AdWatchError, Deleted, LockHeld, StoreError, Unknown, UsageError

HEADINGS = {
    400: "无法完成",
    403: "不允许",
    404: "没有找到",
    405: "不接受",
    409: "稍后再试",
    410: "已删除",
    413: "内容太大",
    421: "地址不对",
    422: "填写有误",
    503: "暂不可用",
}
"""Heading of an error's page by its status."""
FIELDS = {
    "accounts": "账号",
    "accepted": "是否送达",
    "active": "是否启用",
    "approve": "是否批准",
    "at": "时间",
    "cases": "线索编号或案件号",
    "code": "理由代码",
    "column": "栏目",
    "contact": "联系方式",
    "department": "部门",
    "document_date": "成文日期",
    "document_number": "文号",
    "file": "文件",
    "ids": "编号",
    "kind": "种类",
    "listings": "清单序号",
    "name": "名称",
    "now": "更正为",
    "number": "编号",
    "officers": "承办人",
    "origin": "来源",
    "password": "密码",
    "person": "姓名",
    "reason": "理由",
    "receiver": "送往",
    "role": "角色",
    "rule": "认定编号",
    "seq": "序号",
    "sheet": "表格",
    "signatory": "签发人",
    "step": "事项",
    "text": "内容",
    "to": "送往",
    "track": "分线",
    "unit": "单位",
    "value": "数值",
    "verb": "操作",
    "was": "原文所载",
    "week": "周",
}
"""Names of form fields, as the forms call them."""
_WORDS = re.compile(r"[A-Za-z]{2,}(?:[^\S\n]+[A-Za-z]{2,}){2,}")
_CHINESE = re.compile(r"[一-鿿]")
_BAD = "填写的内容有误或不完整，请检查后再提交"


def answer(request: Request, error: Exception) -> Response:
    """An error as a page, or for htmx as the message above the page."""
    status, words = told(error)
    if status >= 500:
        request.app.state.office.log.error("console", path=request.url.path, exc_info=error)
    part = bool(request.headers.get("hx-request"))
    values = {
        "desk": None if status == 421 else desk_of(request),
        "words": words,
        "status": status,
        "heading": HEADINGS.get(status, "出错"),
        "back": back(request),
    }
    response = pages.render(request, "part_alert.html" if part else "error.html", values, status)
    if part:
        response.headers.update({"HX-Retarget": "#alerts", "HX-Reswap": "innerHTML"})
    return response


def told(error: Exception) -> tuple[int, str]:
    """Status and words."""
    if isinstance(error, Denied):
        return error.status, str(error)
    if isinstance(error, TooLarge):
        return 413, "提交的内容太大"
    if isinstance(error, LockHeld):
        return 409, "另一项作业正在进行，请稍后再试"
    if isinstance(error, Deleted):
        return 410, plain(str(error))
    if isinstance(error, Unknown):
        return 404, plain(str(error))
    if isinstance(error, UsageError):
        return 400, plain(str(error))
    if isinstance(error, StoreError | SQLAlchemyError):
        return 503, "数据库暂时不能使用，已记入日志；请稍后再试或联系管理员"
    if isinstance(error, AdWatchError):
        return 503, "此项暂时不能办理，原因已记入日志；请稍后再试或联系管理员"
    if isinstance(error, RequestValidationError):
        return _of_fields(error)
    if isinstance(error, HTTPException):
        words = {404: "没有这一页", 405: "此页不接受这种请求"}
        return error.status_code, words.get(error.status_code, "请求有误")
    return 500, "系统出错，已记入日志；请稍后再试或联系管理员"


def plain(message: str) -> str:
    """A verb's message without what is for a shell: commands, options, sentences in English."""
    if "reason is needed" in message:
        return "请写明理由"
    kept = []
    for part in re.split(r"(?<=[；。])|; ", message):
        said = re.sub(r"--[a-z][a-z-]*:? ?", "", part)
        if _CHINESE.search(said) and "adwatch " not in said and not _WORDS.search(said):
            kept.append(said)
    return "".join(kept).strip().rstrip("；;") or _BAD


def back(request: Request) -> str:
    """The page of ours that the request came from, else the first page.

    An act that was asked for first came from its own address, which cannot be opened: it has said where to go back.
    """
    came = urlsplit(request.headers.get("referer", ""))
    if came.netloc != request.headers.get("host"):
        return "/"
    path = local(came.path + (f"?{came.query}" if came.query else ""))
    if path.partition("?")[0] != request.url.path:
        return path
    return "/" if request.method in SAFE else local(getattr(request.state, "back", path))


def desk_of(request: Request) -> Desk | None:
    """Who is signed in, also where no route was reached; None where the store cannot say."""
    desk: Desk | None = getattr(request.state, "desk", None)
    if desk is not None:
        return desk
    office, cookies = request.app.state.office, request.app.state.cookies
    try:
        return signed_in(request, office, cookies)
    except (StoreError, SQLAlchemyError):
        return None


def signed_in(request: Request, office: Office, cookies: Cookies) -> Desk | None:
    """The desk of a request's session."""
    token = cookies.read(request, COOKIE, accounts.LIFE.total_seconds())
    who = accounts.session(office, token) if token else None
    if who is None or token is None:
        return None
    request.state.csrf = who.csrf
    return Desk(request, office, cookies, token, who)


def _of_fields(error: RequestValidationError) -> tuple[int, str]:
    places = [each["loc"] for each in error.errors()]
    if any(place[0] == "path" for place in places):
        return 404, "没有这一页：地址中的编号有误"
    named = list(dict.fromkeys(FIELDS[str(place[-1])] for place in places if str(place[-1]) in FIELDS))
    return 422, f"未填写或格式不对：{'、'.join(named[:5])}" if named else _BAD
