"""Screens: one file each, found by itself. How to write one (``accounts.py`` is the example to read):

* ``adwatch/console/screens/<name>.py`` exports ``SCREEN = Screen("<name>", "<title>", order, roles, router)``. Its
  routes stand under ``/<name>``. Title "": no place in the menu. ``roles`` None: everybody; else ids of
  ``adwatch.app.accounts.ROLES``. ``whole=True``: it tells of all cases, so an account limited to regions or
  families is refused.
* Templates: ``adwatch/console/templates/<name>.html`` (``{% extends "base.html" %}``, blocks ``title`` and ``main``),
  parts for htmx ``<name>_<part>.html`` without base. Everything is escaped; ``|safe``, inline script and style are
  refused by a test and by the CSP. ``{% from "macros.html" import csrf_field, raw, state, options with context %}``.
  Text that a seller wrote: ``{{ raw(text) }}``. Times: ``{{ when|time }}``. Sellers' links are text, never ``href``.
* A route is a plain ``def`` (it runs in a thread) with ``desk: At``:

      @router.get("")
      def show(desk: At, after: str = "") -> Response:
          rows = sellers.list_subjects(desk.office, desk.who...)     # only adwatch.app.*; rows are masked there
          return desk.page("subject.html", rows=rows)

      @router.post("/{case_id}/merge")
      def merge(desk: At, case_id: int, reason: Annotated[str, Form()] = "") -> Response:
          desk.need("decide")                 # a right of adwatch.app.accounts.RIGHTS, else 403
          desk.case(case_id)                  # 404 where the account may not see the case; desk.allowed(ids) for many
          work.merge(desk.office, case_id, desk.actor, reason)          # person, unit and role go into the audit log
          return desk.go(f"/cases/{case_id}", said="已合并")           # always answer a POST by desk.go

* Who acts: ``desk.actor`` (Actor with role). Limits: ``desk.who.regions`` / ``desk.who.families``,
  ``accounts.limits(desk.who)`` is a ``Filters`` of the queue with them; every query and every act must apply them.
* Every POST form begins with ``{{ csrf_field() }}`` (``macros.html``); htmx sends the token by itself. Nothing to
  check in the route: without it no route is reached.
* An act that cannot be undone takes ``sure: Sure`` (``confirm.py``) and, after its checks, asks first:
  ``if page := sure.first("作废 …", "what that means", "/where/from"): return page``. It is then done once.
* A mistake of the user is ``UsageError("…")``: it becomes a 400 page, or the message above the page for htmx.
* Paging: the last row's key as ``?after=``, with a plain link ``data-more`` to the next page (j at the end takes it).
* Keys: ``data-key="n"`` on a button or link presses it; rows with ``data-row`` in a ``[data-rows]`` get j, k, Enter, x.
* A dialog is ``<dialog id="x">``, opened by ``<button data-open="x" data-set-field="value">``; ``data-first``: focus.
* Files to download: ``Response(content, media_type=…, headers=pages.attachment(name))``; files sent: ``UploadFile``.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Collection
from dataclasses import dataclass

from fastapi import APIRouter


@dataclass(frozen=True, slots=True)
class Screen:
    """One screen of the console."""

    name: str
    """Name of the file, and the first part of its addresses."""
    title: str
    """In the menu; empty: not there."""
    order: int
    """今日 10, 线索 20, 主体 40, 下架 50, 移送 60, 网站 65, 专项 70, 统计 80, 导出 85, 关键词 90, 审计 95, 设置 98."""
    roles: Collection[str] | None
    """Roles to whom it is open; None: all."""
    router: APIRouter
    """Its routes."""
    whole: bool = False
    """Whether it tells of the whole office, which a limited account may not see."""


def found_screens() -> list[Screen]:
    """The screens of the files beside this one."""
    names = sorted(each.name for each in pkgutil.iter_modules(__path__))
    return [importlib.import_module(f"{__name__}.{name}").SCREEN for name in names]
