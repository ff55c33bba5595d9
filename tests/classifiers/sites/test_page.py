"""Pages that imitate a look-up, honest pages beside them, and pages of which nothing can be seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.sites.page import Facts, PageJudge

DAY = date(2026, 11, 28)
JUDGE = PageJudge()
LOOKUP = """<html><head><title>特种作业操作证及安全生产知识和管理能力考核合格信息查询平台</title></head><body>
<img src="/img/guohui.png" alt="国徽"><h1>应急管理部 证书查询</h1>
<form action="/q.php"><table><tr><td>姓名</td><td><input name="xm"></td></tr>
<tr><td>证件号码</td><td><input name="zjhm"></td></tr><tr><td>验证码</td><td><input name="yzm"></td></tr></table>
<input type="submit" value="查询"></form>
<div>主办单位：中华人民共和国应急管理部 京ICP备1234号 政府网站标识码bm00000001</div></body></html>"""
RECORD = """<html><head><title>建筑施工特种作业人员信息查询系统</title></head><body><h2>住房和城乡建设</h2><dl>
<dt>姓名</dt><dd>张某</dd><dt>性别</dt><dd>男</dd><dt>证书编号</dt><dd>晋A01****</dd><dt>工种</dt><dd>建筑电工</dd>
<dt>初领日期</dt><dd>2024-01-01</dd><dt>有效期</dt><dd>2026-01-01</dd><dt>发证机关</dt><dd>某厅</dd></dl>
<div>咨询微信 kaozheng_001</div></body></html>"""
SCHOOL = """<html><head><title>某某安全技术培训学校</title></head><body><h1>特种作业培训课程</h1>
<p>报名须知：学员须本人参加考试。成绩合格后可在 <a href="https://cx.mem.gov.cn">官方网站</a> 查询证书。</p>
<form><label for="n">姓名</label><input id="n" name="name"><label for="p">电话</label><input id="p" name="phone"></form>
<p>招生简章、开班时间见公告。</p></body></html>"""
NEWS = """<html><head><title>警方打掉假冒证书查询网站团伙</title></head><body><h1>假冒应急管理部门查询网站被查处</h1>
<p>本报讯（记者 李某）近日，警方查明，假证上的二维码指向一个“证书查询平台”，输入姓名、证书编号、身份证号即显示有效期、
发证机关等信息。</p><p>来源：某某日报 责任编辑：王某</p></body></html>"""


def facts(html: str, url: str = "http://cx-mem-gov.example/", **more: object) -> Facts:
    return Facts(url, html, 200, DAY, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("page", "word"),
    [
        (facts(LOOKUP), "fake_lookup"),
        (facts(LOOKUP, "http://192.0.2.7/q/"), "fake_lookup"),
        (facts(LOOKUP, "https://cx.mem.gov.cn/"), "official"),
        (facts(LOOKUP, "https://www.lnsafety.gov.cn/"), "official_once"),
        (facts(RECORD, "http://zj-cx.example/c?id=1"), "fake_lookup"),
        (facts(SCHOOL, "https://school.example/"), "other"),
        (facts(NEWS, "https://news.example/1"), "other"),
        (facts("<html><body>此域名正在出售</body></html>"), "parked"),
        (facts("<html><title>安全验证</title><body>请完成验证</body></html>"), "blocked"),
        (facts("<html><title>统一身份认证</title><body>用户登录<input type=password></body></html>"), "login"),
        (facts(LOOKUP, "http://cx.some.gov.cn/"), "other"),
        (replace(facts("<html><title>安全验证</title><body>请完成验证</body></html>"), status=503), "blocked"),
        (replace(facts(LOOKUP), status=502), "dead"),
        (facts(""), "dead"),
    ],
)
def test_the_word_of_a_page(page: Facts, word: str) -> None:
    found = JUDGE.judge(page)
    assert found.word == word, found
    assert found.points or word == "other"


def test_each_point_says_why() -> None:
    young = facts(LOOKUP, certificate_from=datetime(2026, 11, 20, tzinfo=UTC), likeness=0.93)
    found = JUDGE.judge(young)
    said = {point.name: point.why for point in found.points}
    assert {"form", "authority", "title", "emblem", "organiser", "filing", "government_code", "host"} <= said.keys()
    assert "8天前" in said["certificate"] and "0.93" in said["likeness"]
    assert "京ICP备1234号" in found.filings and "bm00000001" in found.filings
    assert found.score > JUDGE.judge(facts(LOOKUP)).score


def test_contacts_are_masked() -> None:
    found = JUDGE.judge(facts(RECORD))
    assert found.contacts and not any("kaozheng_001" in each for each in found.contacts)
    assert not any("kaozheng_001" in point.why for point in found.points)


@settings(max_examples=50)
@given(st.text(max_size=300))
def test_any_page_is_read(text: str) -> None:
    assert JUDGE.judge(facts(f"<form>{text}<input name='{text[:20]}'>")).word


def test_a_hostile_page_is_read_within_its_limits() -> None:
    deep = "<div>" * 20_000 + "姓名" + "</div>" * 20_000
    long = "<p>证书查询 姓名 证书编号</p>" * 100_000
    for html in (deep, long, "<input name=xm>" * 20_000, "&#x0;" * 10_000, "<![CDATA[" * 1000):
        assert JUDGE.judge(facts(html)).word
