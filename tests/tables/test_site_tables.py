"""Networks and rules of sites: what falls where, what is unknown, and how what is wrong is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from adwatch.errors import SpecError
from adwatch.tables.networks import Networks
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
    assert Networks().holder("47.92.1.1") is not None
    for line in ("10.0.0.1/8,CN,甲,", "10.0.0.0/8,China,甲,"):
        with pytest.raises(SpecError, match="networks"):
            Networks(put(tmp_path, "networks.csv", f"network,country,holder,note\n{line}\n"))


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
