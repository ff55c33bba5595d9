"""The gauge as one page that opens anywhere: Chinese, plots inline, no script, nothing loaded, every text escaped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any

from adwatch.app.gauge_plots import Stripe, rate_plot, reliability_plot
from adwatch.text import one_line

STYLE = """
body{font:15px/1.6 "Noto Sans CJK SC","Microsoft YaHei",sans-serif;color:#1d2430;max-width:1080px;margin:24px auto;
padding:0 16px}h1{font-size:24px}h2{font-size:19px;margin-top:36px;border-bottom:2px solid #1f5fa8}h3{font-size:16px}
table{border-collapse:collapse;width:100%;margin:8px 0}th,td{border:1px solid #d6dae0;padding:4px 8px;text-align:left;
vertical-align:top;overflow-wrap:anywhere}th{background:#f1f4f8}td.n{text-align:right;white-space:nowrap}
.note{color:#5a6270}svg{font-size:12px;max-width:100%;height:auto}.plus{color:#a3271f}.minus{color:#1c6b3a}
"""
PARTS = {"scope": "范围", "class": "违法类型", "family": "证书类别", "disguise": "变形手法", "genre": "体裁"}
SCOPES = {"safety_production": "安全生产类", "other_credential": "其他证书类", "none": "不是要约"}
KINDS = {"missed": "漏报", "false": "误报"}
REASONS = {
    "unseen": "未进入模型：没有词表命中，预筛也未放行",
    "low_score": "分数低于阈值",
    "uncertain": "落在复核带",
    "keywords_only": "只有关键词，没有成句的话，交人看",
    "report": "被当作报道或通报",
    "notice": "被当作官方通知",
    "question": "被当作提问",
    "demand": "被当作求购",
    "school": "被当作正规学校",
    "school_clue": "被当作正规学校（学时线索）",
    "lawful": "被当作合法事项",
    "goods": "被当作普通商品",
    "job": "被当作招聘",
    "victim": "被当作受害人陈述",
}


def page(reports: Sequence[dict[str, Any]], names: Mapping[str, str], made_at: datetime) -> str:
    """The whole page; ``names`` gives the Chinese of classes and families."""
    body = "".join(part for report in reports for part in _section(report, names))
    return (
        '<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width">'
        f"<title>证巡 识别质量报告</title><style>{STYLE}</style></head><body><h1>证巡 识别质量报告</h1>"
        f'<p class="note">生成于 {made_at:%Y-%m-%d %H:%M}。机器只提出线索，是否属实由人认定。区间均为 95% 置信区间：'
        "比率用 Wilson 法，F1 用自助法（固定种子）；近似重复的文本只计一次；联系方式已脱敏。</p>"
        f"{body}</body></html>\n"
    )


def _cell(value: object, numeric: bool = False) -> str:
    text = escape(one_line(str(value), 400))
    return f'<td class="n">{text}</td>' if numeric else f"<td>{text}</td>"


def _table(heads: Sequence[str], rows: Iterable[Sequence[object]], words: int = 1) -> str:
    """A table whose first ``words`` columns are text and the others figures."""
    head = "".join(f"<th>{escape(each)}</th>" for each in heads)
    lines = ("".join(_cell(cell, place >= words) for place, cell in enumerate(row)) for row in rows)
    return f"<table><tr>{head}</tr>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


def _section(report: dict[str, Any], names: Mapping[str, str]) -> Iterator[str]:
    name = str(report["file"]).replace("\\", "/").rsplit("/", 1)[-1]
    yield f"<h2>{escape(one_line(name))}</h2>"
    yield (
        f'<p class="note">识别程序版本 {escape(report["classifier_version"])}，词表版本 '
        f"{escape(report['keyword_versions'])}。</p>"
    )
    beside = report["keyword_only"]
    if report["lines"]:
        rows = [
            ("普通文本行数", f"{report['lines']:,}", f"{beside['lines']:,}"),
            ("误报", report["false_lines"], beside["false_lines"]),
            ("每十万行误报", f"{report['false_per_100k']:.1f}", f"{beside['false_per_100k']:.1f}"),
        ]
        yield _table(("量", "证巡", "仅关键词"), rows)
    else:
        yield from _labelled(report, beside, names)
    yield from _errors(report["errors"], names)


def _labelled(report: dict[str, Any], beside: dict[str, Any], names: Mapping[str, str]) -> Iterator[str]:
    rows = [
        (label, f"{report[key]:.3f}", _interval(report[f"{key}_ci"]), f"{beside[key]:.3f}")
        for key, label in (("f1", "F1"), ("precision", "查准率"), ("recall", "查全率"))
    ]
    rows.append(
        ("误报率", f"{report['false_rate']:.3f}", _interval(report["false_rate_ci"]), f"{beside['false_rate']:.3f}")
    )
    yield _table(("量", "证巡", "95% 区间", "仅关键词"), rows)
    yield _table(
        ("", "机器标记", "机器未标记"),
        [("确为要约", report["found"], report["missed"]), ("不是要约", report["false"], report["right"])],
    )
    yield f'<p class="note">标为待复核、不计分或近似重复的 {report["unscored"]} 条。</p>'
    yield "<h3>分数是否可信</h3>"
    yield reliability_plot(report["reliability"], "可靠性曲线")
    yield (
        f"<p>期望校准误差（ECE）{report['expected_calibration_error']:.3f}："
        "分数与实际比例平均相差这么多，点在虚线上为最好。</p>"
    )
    for part, label in PARTS.items():
        groups = report["by"].get(part, {})
        if groups:
            yield f"<h3>按{label}</h3>"
            yield from _part(part, label, groups, report["named"].get(part, {}), names)


def _part(
    part: str, label: str, groups: dict[str, Any], named: dict[str, Any], names: Mapping[str, str]
) -> Iterator[str]:
    offers = {value: figures for value, figures in groups.items() if figures["found"] + figures["missed"]}
    if offers:
        stripes = [
            Stripe(_named(value, names), f["recall"], tuple(f["recall_ci"]), f"{f['found']}/{f['found'] + f['missed']}")
            for value, f in sorted(offers.items(), key=lambda item: item[1]["recall"])
        ]
        yield rate_plot(stripes, f"按{label}的查全率")
    rows = [
        (
            _named(value, names),
            f["found"],
            f["missed"],
            f["false"],
            f["right"],
            _rate(f, "recall", f["found"] + f["missed"]),
            _rate(f, "precision", f["found"] + f["false"]),
            _rate(f, "f1", f["found"] + f["missed"]),
        )
        for value, f in groups.items()
    ]
    yield _table((label, "命中", "漏报", "误报", "正确放过", "查全率", "查准率", "F1"), rows)
    if named:
        attributed = [
            (
                _named(value, names),
                _rate(f, "recall", f["found"] + f["missed"]),
                _rate(f, "precision", f["found"] + f["false"]),
                _rate(f, "f1", f["found"] + f["missed"]),
            )
            for value, f in named.items()
        ]
        yield f'<p class="note">下表看机器说出的{label}对不对（不只看是否标记）：</p>'
        yield _table((label, "查全率", "查准率", "F1"), attributed)


def _errors(errors: Sequence[dict[str, Any]], names: Mapping[str, str]) -> Iterator[str]:
    if not errors:
        yield "<p>没有错误。</p>"
        return
    yield f"<h3>错误清单（{len(errors)}）</h3>"
    yield '<p class="note">“影响最大的语句”：去掉该句后分数的变化；+ 使其更像要约，− 使其更不像。</p>'
    heads = ("种类", "编号", "分数", "机器的理由", "影响最大的语句", "词表命中", "体裁 / 变形", "类型", "原文（脱敏）")
    yield "<table><tr>" + "".join(f"<th>{each}</th>" for each in heads) + "</tr>"
    for error in errors:
        why = error["why"] or {"reason": error["reason"] or "", "words": [], "keywords": []}
        words = "<br>".join(
            f'<span class="{"plus" if weight > 0 else "minus"}">{weight:+.2f} {escape(one_line(word))}</span>'
            for word, weight in why["words"]
        )
        cells = [
            _cell(KINDS[error["kind"]]),
            _cell(error["id"]),
            _cell(f"{error['score']:.2f}", numeric=True),
            _cell(REASONS.get(why["reason"], names.get(why["reason"], why["reason"]))),
            f"<td>{words}</td>",
            _cell("、".join(why["keywords"])),
            _cell(" / ".join(part for part in (error["genre"], error["disguise"]) if part not in ("", "none"))),
            _cell("、".join(_named(each, names) for each in error["types"])),
            _cell(error["text"]),
        ]
        yield f"<tr>{''.join(cells)}</tr>"
    yield "</table>"


def _named(value: str, names: Mapping[str, str]) -> str:
    return names.get(value) or SCOPES.get(value) or value or "（未标注）"


def _interval(ends: Sequence[float]) -> str:
    return f"{ends[0]:.3f} – {ends[1]:.3f}"


def _rate(figures: dict[str, Any], key: str, of: int) -> str:
    return f"{figures[key]:.3f} ({_interval(figures[key + '_ci'])})" if of else "–"
