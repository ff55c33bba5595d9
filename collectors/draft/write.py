"""A draft as YAML with comments: what was seen, what a person must decide, what to try next."""

from __future__ import annotations

from typing import Any

import yaml

from adwatch.text import one_line
from collectors.draft.look import Draft
from collectors.draft.trial import how

_ORDER = (
    *(
        "name",
        "label",
        "extends",
        "kind",
        "base_url",
        "enabled",
        "access",
        "basis",
        "contact",
        "company",
        "rate",
        "budget",
    ),
    *("allow_hosts", "lists", "paging", "items", "detail", "probe", "expect", "block", "gone"),
)
_COMMENTS = {
    "enabled": "核对完 access、basis、contact 后改为 true；在此之前不巡查 whether it is patrolled",
    "access": "凭什么读取: handover（先请平台交付数据）、open_interface、feed、public_page",
    "basis": "法律或协议依据，用文字写明；核对后删去“（请核对）” the legal or contractual ground",
    "contact": "平台一方由谁答复，写单位、地址或电话，不写个人 who at the platform answers for this access",
    "company": "经营者（亮照），函件发往此处 its operator",
    "budget": "每天最多请求数，各进程合计 requests a day",
    "allow_hosts": "内网主机，因您给了 --private 而允许 a private host that may be asked",
    "lists": "巡查从这些列表开始；{term} 依次换成词表里的检索词，{page} 换成页码 where patrols start",
    "paging": "列表怎样翻页 how a list goes on",
    "items": "列表中的一条，及其本页的链接 one item of a list, and the link to its own page",
    "detail": "条目自己的页面 the item's own page",
    "probe": "探针：现在有结果的词，请换成一个一直会有结果的词 a word that always has hits",
    "expect": "正常的一天至少有多少条、每条必有哪些字段 what a healthy day looks like",
}
_MISSING = {
    "seller_name": ("谁发布", "seller_name: span.author"),
    "posted_at": ("何时发布", 'posted_at: {select: span.date, format: "%Y-%m-%d %H:%M"}'),
    "price": ("价格", "price: span.price"),
    "text": ("正文", "text: div.content"),
}
"""Fields that a person adds by hand where the draft has none, each with a line to begin from."""


class _Plain(yaml.SafeDumper):
    """Mappings in the order they are written; short lists and mappings in one line."""


def as_yaml(draft: Draft) -> str:
    """The platform file; where nothing was read, a file that says what to write by hand."""
    lines = [f"# 草稿 A draft of adwatch platforms new {one_line(draft.url, 300)}"]
    lines.append("# 请与网页逐项核对 compare what it reads with the site.")
    lines += [f"# {name}: {one_line(told, 300)}" for name, told in draft.facts.items()]
    best = draft.best
    values: dict[str, Any] = {"name": draft.name, "label": draft.label}
    if best is not None:
        lines.append(f"# 采用 chosen: {best.why}.")
        lines += [f"#   {row['field']}: {one_line(row['how'], 200)}, {row['filled']}" for row in rows(draft)]
        values |= best.values
    else:
        base = "/".join(draft.url.split("/", 3)[:3])
        lines.append("# 没有读到条目 nothing is read: 请手写 items 和 detail，或请平台交付数据 or ask for a hand-over.")
        values |= {"kind": "html", "base_url": base, "access": "public_page", "basis": "（请填写）"}
        values |= {"lists": [{"latest": draft.url}], "items": {"select": "li", "link": "a", "fields": {"title": "a"}}}
    lines += [f"# 也试过 also tried: {trial.why}: {_came_to(trial)}" for trial in draft.trials[1:] if trial is not best]
    values = {"enabled": False, "contact": None, "budget": 2000, **values}
    if best is not None and best.spec is not None:
        values.setdefault("access", best.spec.access)
        values.setdefault("basis", _to_be_confirmed(best.spec.basis))
        seen = [name for name in ("title", "text") if best.fill(name) == len(best.listings)]
        values["expect"] = {"fewest": max(1, best.on_list // 2), "required": seen}
    for name in (*_ORDER, *(name for name in values if name not in _ORDER)):
        if name not in values:
            continue
        if name in _COMMENTS:
            lines.append(f"# {_COMMENTS[name]}")
        lines.append(_dumped({name: values[name]}))
        if name == "detail" and best is not None:
            lines += [f"#   {field}: {best.fill(field)} of {len(best.listings)} read" for field in _lacking(best)]
            lines += _by_hand(best)
    return "\n".join(lines) + "\n"


def _to_be_confirmed(basis: str) -> str:
    """A template's ground, marked as one that nobody has stated for this site."""
    return basis if "（请" in basis else f"{basis}（请核对）"


def _by_hand(trial: Any) -> list[str]:
    """Comments below ``detail``: fields that were not found, each with a line to write under detail.fields."""
    given = {name for name, _ in trial.fields.given()}
    missing = [name for name in _MISSING if name not in given]
    if not missing:
        return []
    lines = ["#   没有找到的字段：网页上有的，照下面的样子写到 detail 的 fields 下（CSS 选择器，见“Every field”）"]
    return [*lines, *(f"#     {_MISSING[name][1]}    # {_MISSING[name][0]}" for name in missing)]


def _came_to(trial: Any) -> str:
    if not trial.listings:
        return "; ".join(trial.faults[:2]) or "nothing is read"
    fields = [name for name, _ in trial.fields.given() if trial.fill(name)]
    return f"{len(trial.listings)} listings with {', '.join(fields)}"


def _lacking(trial: Any) -> list[str]:
    return [name for name, _ in trial.fields.given() if trial.fill(name) < len(trial.listings)]


def _dumped(value: Any) -> str:
    return yaml.dump(
        value, Dumper=_Plain, allow_unicode=True, sort_keys=False, default_flow_style=False, width=110
    ).rstrip("\n")


def rows(draft: Draft) -> list[dict[str, Any]]:
    """A row a field: name, how it is found, in how many of the samples, an example."""
    best = draft.best
    if best is None:
        return []
    out = []
    for name, _ in best.fields.given():
        place = "price_text" if name == "price" else name
        example = next((value for one in best.listings if (value := getattr(one, place)) not in (None, ())), None)
        filled = f"{best.fill(name)}/{len(best.listings)}"
        out.append({"field": name, "how": how(best, name), "filled": filled, "example": example})
    return out


def samples(draft: Draft, most: int = 5) -> list[dict[str, Any]]:
    """The first listings as they were read."""
    best = draft.best
    names = ("native_id", "title", "price_text", "seller_name", "posted_at", "text", "url")
    return [{name: getattr(one, name) for name in names} for one in (best.listings[:most] if best else ())]
