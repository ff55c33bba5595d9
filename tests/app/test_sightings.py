"""Where sites are met: which addresses are kept, which are nobody's business, and that nothing is kept twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from adwatch.app.sightings import Sighting, read_texts, record_sightings, take_list
from adwatch.store import sites as store
from adwatch.store.dump import canonical
from adwatch.store.engine import reading
from tests.app.sites_world import DAY, OFFER, an_office, offer, put


def names(office: object) -> set[str]:
    with reading(office.engine) as connection:  # type: ignore[attr-defined]
        return {row["name"] for row in store.sites(connection)}


def test_texts_and_links_of_listings_are_read_once(tmp_path: Path) -> None:
    with an_office(tmp_path) as office:
        put(
            office,
            [
                offer(1, f"{OFFER}，请登录cx-mem-gov.cn/zs查询", links=("http://zscx-yjgl.top/q",)),
                offer(2, f"{OFFER}。http://qr.btl9.cc/z/?k=1 官方网站cx.mem.gov.cn"),
                offer(3, "手工编织毛衣，详情见 www.knit-home.com", links=("https://www.mem.gov.cn/",)),
                offer(4, "小卖部转让，图片见 https://shop.example/4/a.html"),
            ],
        )
        read_texts(office, DAY)
        assert names(office) == {"cx-mem-gov.cn", "zscx-yjgl.top", "qr.btl9.cc"}
        before = list(canonical(office.engine))
        assert read_texts(office, DAY).counts["new"] == 0
        assert list(canonical(office.engine)) == before
        assert any('"how":"link"' in line and "zscx-yjgl.top" in line for line in before)


def test_a_code_leads_to_a_site_whatever_its_name(tmp_path: Path) -> None:
    with an_office(tmp_path) as office:
        listing = put(office, [offer(1, "手工毛衣")])["g1"]
        codes = [
            Sighting("http://qr.btl9.cc/z/?k=1", "qr", listing),
            Sighting("https://cx.mem.gov.cn/", "qr", listing),
            Sighting("weixin://wxpay/bizpayurl?pr=1", "qr", listing),
            Sighting("http://a.gov.cn/x", "qr", listing),
        ]
        first = record_sightings(office, codes, DAY)
        assert [row["verdict"] for row in first] == ["other", "official", "other", "other"]
        assert [row["site_id"] is not None for row in first[:2]] == [True, False]
        assert first[3]["site_id"] is None
        assert [row["new"] for row in record_sightings(office, codes, DAY)] == [False] * 4
        assert "qr.btl9.cc" in names(office)
        with pytest.raises(ValueError, match="no way"):
            record_sightings(office, [Sighting("http://x.example", "rumour")], DAY)


def test_a_path_that_imitates_raises_the_score_of_its_host(tmp_path: Path) -> None:
    with an_office(tmp_path) as office:
        record_sightings(office, [Sighting("http://k3.example-host.com/", "qr")], DAY)
        record_sightings(office, [Sighting("http://k3.example-host.com/cx.mem.gov.cn/", "qr")], DAY)
        with reading(office.engine) as connection:
            [site] = store.sites(connection)
        assert (site["verdict"], "cx.mem.gov.cn" in site["why"][0]) == ("look_alike", True)


def test_of_a_list_only_look_alikes_are_kept(tmp_path: Path) -> None:
    with an_office(tmp_path) as office:
        lines = ["cx-mem-gov.cn", "www.baidu.com", "", "cx.mem.gov.cn", "xn--0zwm56d", "zlaq-mohurd.com"]
        report = take_list(office, lines, DAY, "新注册域名")
        assert (report.kept, report.counts["look_alike"], report.counts["new"]) == (6, 2, 2)
        assert names(office) == {"cx-mem-gov.cn", "zlaq-mohurd.com"}
