"""Networks and rules of sites: what falls where, what is unknown, and how what is wrong is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from adwatch.cli import whole
from adwatch.errors import SpecError
from adwatch.tables import HERE
from adwatch.tables.networks import HOW_TO_ADD, Networks, read_networks
from adwatch.tables.site_rules import HOW, KINDS, site_rules
from classifiers.sites.imitated import imitated


def put(folder: Path, name: str, text: str) -> Path:
    (folder / "tables").mkdir(parents=True, exist_ok=True)
    (folder / "tables" / name).write_text(text, encoding="utf-8")
    return folder


def test_the_narrowest_network_holds_and_what_no_row_has_is_unknown(tmp_path: Path) -> None:
    rows = "network,country,holder,note\n10.0.0.0/8,CN,甲,\n10.2.0.0/16,US,乙,\n2001:db8::/32,CN,丙,\n"
    found = Networks(put(tmp_path, "networks.csv", rows))
    holders = [found.holder(each) for each in ("10.1.2.3", "10.2.0.9", "[2001:db8::1]", "9.9.9.9", "no", None)]
    assert [each.holder if each else None for each in holders] == ["甲", "乙", "丙", None, None, None]
    for line in ("10.0.0.1/8,CN,甲,", "10.0.0.0/8,China,甲,", "10.0.0.0/8,CN", "10.0.0.0/8,CN, ,"):
        with pytest.raises(SpecError, match=r"networks\.csv:2"):
            Networks(put(tmp_path, "networks.csv", f"network,country,holder,note\n{line}\n"))


def test_no_network_is_shipped_since_nobody_has_vouched_for_one() -> None:
    assert read_networks(HERE / "networks.csv") == ([], 0, [])
    assert Networks(file=HERE / "networks.csv").holder("203.0.113.7") is None
    assert "networks.csv" in HOW_TO_ADD and "未知" in HOW_TO_ADD


def test_rules_are_whole_or_refused(tmp_path: Path) -> None:
    rules = site_rules()
    assert rules.per_day > 0 and rules.offer_class
    assert set(KINDS) == {"site", "app", "mini_program", "account"} and "qr" in HOW
    for text in (
        "rule,value,note\nper_day,1,\n",
        "rule,value,note\nper_day,x,\n",
        "rule,value,note\nodd,1,\n",
        "a,b\n",
    ):
        with pytest.raises(SpecError, match="site_rules"):
            site_rules(put(tmp_path, "site_rules.csv", text))


def test_who_is_imitated_is_told_by_the_page_before_the_name() -> None:
    assert imitated("cx-mem-gov.cn".replace("-", ""))[0] == "special_operations"
    assert imitated("k3.example", "住房和城乡建设部 建筑施工特种作业操作资格证")[0] == "construction"
    assert imitated("tzsb-cx.cn", "特种设备作业人员 市场监督管理总局") == ("special_equipment",)
    assert imitated("k3.example", "毛衣") == ()


def test_a_table_of_networks_is_checked_line_by_line_before_it_is_put_in_place(tmp_path: Path) -> None:
    head = "network,country,holder,note\n"
    rows = (
        "10.0.0.0/8,cn,甲,\n10.0.0.9/8,CN,甲,\n10.0.0.0/8,CN,乙,\nx\n192.0.2.0/24,C1,丙,\n198.51.100.0/24,US,丁,[M]\n"
    )
    file = put(tmp_path, "networks.csv", head + rows) / "tables" / "networks.csv"
    ran = CliRunner().invoke(
        whole(), ["sites", "networks", str(file), "--json"], env={"ADWATCH_HOME": str(tmp_path / "home")}
    )
    told = json.loads(ran.output)
    assert ran.exit_code == 2
    assert [(each["line"], each["column"]) for each in told["problems"]] == [
        (3, "network"),
        (4, "network"),
        (5, ""),
        (6, "country"),
    ]
    assert "line 2" in told["problems"][1]["problem"]
    assert (told["rows"], told["mainland"], told["samples"]) == (2, 1, 1)
    good = put(tmp_path / "own", "networks.csv", f"{head}203.0.113.0/24,CN,某某机房,\n")
    home = {"ADWATCH_HOME": str(tmp_path / "home"), "ADWATCH_DATA": str(good)}
    for address, holder in (("203.0.113.7", "某某机房"), ("47.92.1.1", None)):
        ran = CliRunner().invoke(whole(), ["sites", "networks", "--address", address, "--json"], env=home)
        assert (ran.exit_code, json.loads(ran.output)["asked"]["holder"]) == (0, holder)
    assert "未知" in CliRunner().invoke(whole(), ["sites", "networks", "--address", "47.92.1.1"], env=home).output
    bare = {"ADWATCH_HOME": str(tmp_path / "home")}
    assert "表是空的" in CliRunner().invoke(whole(), ["sites", "networks"], env=bare).output
