"""Verbs of sites that imitate official look-ups: found, looked at, shown, routed, drawn."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from adwatch.cli.output import MOST, JsonFlag, checked_day, examples, print_json, print_table, say

sites = typer.Typer(help="Sites, apps and accounts that imitate official look-ups (仿冒网站).", no_args_is_help=True)

By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who does it.")]
Unit = Annotated[str | None, typer.Option("--unit", metavar="UNIT", help="For which unit; the setting if left out.")]
Names = Annotated[list[str] | None, typer.Argument(metavar="SITE", help="Host, URL, name or number.")]
One = Annotated[str, typer.Argument(metavar="SITE", help="Host, URL, name or number.")]
COLUMNS = ("编号", "种类", "名称", "判断", "分值", "案件号", "线索编号", "首见")


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.add_typer(sites, name="sites")


@sites.command("find", epilog=examples("sites find --day 2026-11-28"))
def find(
    day: Annotated[str | None, typer.Option("--day", metavar="YYYY-MM-DD", help="Day of the work; today.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Read the addresses in the texts and links of listings that no run has read yet. Nothing is fetched."""
    from adwatch.app import open_office
    from adwatch.app.officials import today
    from adwatch.app.sightings import read_texts

    with open_office() as office:
        when = checked_day(day, office.settings) if day else today(office).isoformat()
        report = read_texts(office, when)
    row = {"versions": report.kept, "addresses": report.counts["addresses"], "new": report.counts["new"]}
    if as_json:
        print_json([row])
    else:
        say(f"读过信息 {row['versions']} 条，网址 {row['addresses']} 个，新登记网站 {row['new']} 个")


@sites.command("take", epilog=examples("sites take new-domains.txt"))
def take(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Hosts, one a line; - reads standard input.")],
    as_json: JsonFlag = False,
) -> None:
    """Keep the look-alikes of a list that was handed over (new domains, certificate transparency). Streams."""
    from adwatch.app import open_office
    from adwatch.app.officials import today
    from adwatch.app.sightings import take_list
    from adwatch.errors import UsageError

    with open_office() as office:
        when = today(office).isoformat()
        try:
            if str(file) == "-":
                report = take_list(office, sys.stdin, when, "stdin")
            else:
                with file.open(encoding="utf-8", errors="replace") as lines:
                    report = take_list(office, lines, when, file.name)
        except OSError as error:
            raise UsageError(f"{file}: cannot be read: {error.strerror}") from error
    row = {"lines": report.kept, "look_alike": report.counts["look_alike"], "new": report.counts["new"]}
    if as_json:
        print_json([row])
    else:
        say(f"读入 {row['lines']} 行，疑似仿冒 {row['look_alike']} 个，新登记 {row['new']} 个")


@sites.command("look", epilog=examples("sites look", "sites look cx-mem-gov.example --by 张三"))
def look(
    names: Names = None,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who looks; the machine if left out.")] = "",
    unit: Unit = None,
    limit: Annotated[int | None, typer.Option("--limit", metavar="N", min=1, max=MOST, help="At most so many.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Look at the sites that are due, or at these: fetched, rendered, judged, captured; confirmed ones until gone."""
    from adwatch.app import open_office, site_looks
    from adwatch.app import sites as work
    from adwatch.app.page_capture import MACHINE
    from adwatch.models import Actor

    with open_office() as office:
        actor = Actor(by, office.unit(unit)) if by else MACHINE
        rows = list(work.look(office, names, actor) if names else site_looks.look_due(office, actor, limit))
    if as_json:
        print_json(rows)
        return
    shown = [
        (r["name"], r["word_label"], f"{r['score']:.1f}", r["case_id"] or "", "；".join(r["why"][:4])) for r in rows
    ]
    print_table("", ("名称", "所见", "分值", "案件号", "依据"), shown)


@sites.command("list", epilog=examples("sites list", "sites list --all --json"))
def list_(
    every: Annotated[bool, typer.Option("--all", help="Also those that no look found suspicious.")] = False,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, max=MOST, help="At most so many.")] = 200,
    as_json: JsonFlag = False,
) -> None:
    """List sites, those with a case first."""
    from adwatch.app import open_office
    from adwatch.app import sites as work

    with open_office() as office:
        rows = work.listed(office, every, limit)
    if as_json:
        print_json(rows)
        return
    names = ("id", "kind_label", "name", "word_label", "score", "case_id", "lead_number", "first_day")
    lines = [tuple("" if row[name] is None else row[name] for name in names) for row in rows]
    print_table("", COLUMNS, lines)


@sites.command("show", epilog=examples("sites show cx-mem-gov.example"))
def show(name: One, as_json: JsonFlag = False) -> None:
    """Show one site: where it was met, what each look found and why, what it shares with others."""
    from adwatch.app import open_office
    from adwatch.app import sites as work

    with open_office() as office:
        row = work.show(office, name)
    if as_json:
        print_json([row])
        return
    say(f"{row['kind_label']} {row['name']}  {row['word_label']}  案件 {row['case_id'] or '无'}")
    print_table("发现途径", ("途径", "平台", "网址", "日期"), [_met(each) for each in row["sightings"]])
    points = [
        (each["at"], each["word_label"], f"{p['points']:+.1f}", p["why"])
        for each in row["looks"]
        for p in each["points"]
    ]
    print_table("查看", ("时间", "所见", "分值", "依据"), points)
    print_table("特征", ("种类", "内容"), [(each["kind"], each["shown"]) for each in row["marks"]])


def _met(row: dict[str, Any]) -> tuple[str, ...]:
    return row["how_label"], row["platform"] or "", row["address"], row["day"]


@sites.command("add", epilog=examples("sites add 国家安全生产考式 --kind account --subject 某公司 --by 张三"))
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Host, URL, or name of the app or account.")],
    by: By,
    unit: Unit = None,
    kind: Annotated[str, typer.Option("--kind", metavar="KIND", help="site, app, mini_program or account.")] = "site",
    maker: Annotated[str, typer.Option("--maker", metavar="TEXT", help="Who made it.")] = "",
    subject: Annotated[str, typer.Option("--subject", metavar="TEXT", help="Who holds the account.")] = "",
    store_link: Annotated[str, typer.Option("--store-link", metavar="URL", help="Where it is got.")] = "",
    filing: Annotated[str, typer.Option("--filing", metavar="TEXT", help="ICP or app filing number.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """Enter a site, an app, a mini program or an account that somebody reported."""
    from adwatch.app import open_office
    from adwatch.app import sites as work
    from adwatch.models import Actor

    about = {"maker": maker, "subject": subject, "store_link": store_link, "filing": filing}
    with open_office() as office:
        row = work.add(office, kind, name, Actor(by, office.unit(unit)), **about)
    if as_json:
        print_json([row])
    else:
        said = "；".join(row["why"]) or "名称未见仿冒"
        say(f"{row['kind_label']} {row['name']} 已登记（编号 {row['id']}，案件 {row['case_id'] or '无'}）：{said}")


Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it stands in the audit log.")]


@sites.command("open", epilog=examples("sites open zs-query.example --by 李四 --reason 核对过，页面冒用本局名义"))
def open_(
    name: One,
    by: By,
    reason: Reason,
    unit: Unit = None,
    family: Annotated[
        list[str] | None, typer.Option("--family", metavar="FAMILY", help="Certificate family it imitates; repeatable.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Make a case of a doubtful site (or of an app or account that nothing can look at): a person's decision, once."""
    from adwatch.app import open_office, site_doubts
    from adwatch.models import Actor

    with open_office() as office:
        row = site_doubts.open_case(office, name, Actor(by, office.unit(unit)), reason, family or ())
    if as_json:
        print_json([row])
    else:
        keep = f"；取证：adwatch sites look {row['id']} --by {by}" if row["kind"] == "site" else ""
        say(f"{row['name']} 已立案（案件 {row['case_id']}）{keep}")


@sites.command("dismiss", epilog=examples("sites dismiss zs-query.example --by 李四 --reason 企业内部台账"))
def dismiss(name: One, by: By, reason: Reason, unit: Unit = None, as_json: JsonFlag = False) -> None:
    """Set a doubtful site aside, once; it is not looked at by itself any more."""
    from adwatch.app import open_office, site_doubts
    from adwatch.models import Actor

    with open_office() as office:
        row = site_doubts.dismiss(office, name, Actor(by, office.unit(unit)), reason)
    print_json([row]) if as_json else say(f"{row['name']} 已排除，不再自动查看")


@sites.command("reference", epilog=examples("sites reference https://cx.mem.gov.cn/ --by 张三"))
def reference(
    url: Annotated[str, typer.Argument(metavar="URL", help="A site of the register.")],
    by: By,
    unit: Unit = None,
    as_json: JsonFlag = False,
) -> None:
    """Capture an official site, so that copies of its icon, looks and structure are recognised."""
    from adwatch.app import open_office
    from adwatch.app import sites as work
    from adwatch.models import Actor

    with open_office() as office:
        row = work.reference(office, url, Actor(by, office.unit(unit)))
    if as_json:
        print_json([row])
    else:
        say(f"{row['host']} 已取样（{'、'.join(row['prints'])}）")


@sites.command("route", epilog=examples("sites route --by 张三", "sites route cx-mem-gov.example --by 张三"))
def route(by: By, names: Names = None, unit: Unit = None, as_json: JsonFlag = False) -> None:
    """Draft the letters of confirmed sites, by the routing table and to whoever hosts them; sent as transfers are."""
    from adwatch.app import open_office
    from adwatch.app import sites as work
    from adwatch.models import Actor

    with open_office() as office:
        rows = work.route(office, names or [], Actor(by, office.unit(unit)))
    if as_json:
        print_json(rows)
        return
    print_table("", ("网站", "送", "编号"), [(row["name"], row["addressee"], row["number"]) for row in rows])
    for note in dict.fromkeys(row["note"] for row in rows if row["note"]):
        say(note)
    say("审批和发出：adwatch transfer decide、transfer send")


@sites.command("graph", epilog=examples("sites graph cx-mem-gov.example --format graphml --out network.graphml"))
def graph(
    names: Annotated[list[str], typer.Argument(metavar="SITE", help="Host, URL, name or number.")],
    form: Annotated[str, typer.Option("--format", metavar="FORMAT", help="json or graphml.")] = "graphml",
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Else standard output.")] = None,
) -> None:
    """Export the network round sites: listings that lead there, sites with the same contact, template or address."""
    from adwatch.app import open_office
    from adwatch.app import sites as work
    from adwatch.files import write_whole

    with open_office() as office:
        content = work.graph(office, names, form)
    if out is None:
        sys.stdout.buffer.write(content)
    else:
        write_whole(out, content)
        say(str(out))


@sites.command("networks", epilog=examples("sites networks", "sites networks networks.csv --address 203.0.113.7"))
def networks(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="Before it is put in place; else that in force.")
    ] = None,
    address: Annotated[str, typer.Option("--address", metavar="ADDRESS", help="Also say whose this address is.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """Check the table of networks and hosters (networks.csv): every error with its line; exit 2 where there is one."""
    from adwatch.app import open_office, site_networks

    with open_office() as office:
        row = site_networks.check(office, file)
        if address and not row["problems"]:
            row["asked"] = site_networks.whose(office, address, file)
    if as_json:
        print_json([row])
    else:
        say(f"{row['file']}：网段 {row['rows']} 个（境内 {row['mainland']}），接入商 {row['holders']} 家")
        if not row["rows"] and not row["problems"]:
            say("表是空的：所有地址的接入商和所在地都是未知；格式和来源见 docs/fake-sites.md 的“填写 networks.csv”")
        if row["samples"]:
            say(f"其中 {row['samples']} 行标着 [M]，是没有核对过的示例：请换成本单位或通信管理部门的表")
        if "asked" in row:
            say(f"{row['asked']['address']}：{row['asked']['said']}")
        if row["problems"]:
            lines = [(each["line"], each["column"], each["problem"]) for each in row["problems"][:200]]
            print_table("有误的行", ("行", "列", "问题"), lines)
    if row["problems"]:
        raise typer.Exit(2)
