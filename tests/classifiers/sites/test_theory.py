"""What every false look-up must do, whatever it is made of; and honest pages that do one of these things and not the rest.

Each page is the smallest that shows one way: no page of a test world was copied.
"""

from __future__ import annotations

import base64
import json
from datetime import date
from urllib.parse import quote

import pytest

from classifiers.sites.page import Facts, PageJudge, PageVerdict
from collectors.charset import decode_text

DAY = date(2026, 11, 28)
JUDGE = PageJudge()
PLAIN = "http://k3.example/"
FORM = """<h3 class="title">特种作业操作证查询</h3><p>姓名 <input name="a1"></p><p>证件号码 <input name="a2"></p>
<button>查 询</button><p>数据来源：应急管理部</p>"""
CARD = """<ul><li>姓名 王某某</li><li>证号 T14010119900101****</li><li>作业类别 电工作业</li><li>准操项目 低压电工作业</li>
<li>有效期限 2025-03-01 至 2031-03-01</li><li>发证机关 某市应急管理局</li></ul>"""


def whole(body: str, title: str = "") -> str:
    return f"<html><head><title>{title}</title></head><body>{body}</body></html>"


def judged(html: str, url: str = PLAIN, **more: str) -> PageVerdict:
    return JUDGE.judge(Facts(url, html, 200, DAY, **more))  # type: ignore[arg-type]


def spaced(text: str) -> str:
    return "\u200b".join(text)


FAKES = {
    "one form on a free host": (
        whole("<h1>电工证焊工证真伪查询</h1><form>姓名<input>身份证号<input><a class=btn>查询</a></form>"),
        "https://zgz-query.pages.dev/",
    ),
    "nothing but a result": (whole(CARD + "<b>该证书真实有效</b>", "证书信息"), PLAIN),
    "a sentence that confirms": (
        whole(
            "<h1>特种作业证书核验结果</h1><p>持证人张某，证号T14010119900101****，经全国安全生产数据库核验，"
            "证书真实有效。</p><p>发证机关：某省应急管理厅</p>"
        ),
        PLAIN,
    ),
    "a page on somebody else's host": (
        whole(
            "<h2>住房和城乡建设厅 建筑施工人员证书查询</h2><form>证书编号 <input name=no> 验证码 <input name=c>"
            "<input type=submit value=查询></form>"
        ),
        "https://www.redleaf-furniture.example/wp-content/uploads/zs/index.html",
    ),
    "an old table of two rows": (
        whole(
            "<table><tr><td>姓名</td><td>身份证号</td><td></td></tr><tr><td><input name=q1></td><td><input name=q2></td>"
            "<td><input type=image src=b.gif alt=查询></td></tr></table><div>国家安全生产监督管理总局 监制</div>",
            "特种作业人员操作证查询",
        ),
        PLAIN,
    ),
    "an app that its script writes": (
        f"<html><body><div id=app></div><script>var page={json.dumps(FORM)};render(page)</script></body></html>",
        PLAIN,
    ),
    "a template of an app": (
        f'<html><body><div id=app></div><script type="text/x-template">{FORM}</script></body></html>',
        PLAIN,
    ),
    "a form in base64": (
        f'<html><body><script>document.write(atob("{base64.b64encode(FORM.encode()).decode()}"))</script></body></html>',
        PLAIN,
    ),
    "a form behind percent signs": (
        f"<html><body><script>document.write(decodeURIComponent('{quote(FORM)}'))</script></body></html>",
        PLAIN,
    ),
    "a frame that stands in the page": (
        whole(f"<iframe srcdoc='{FORM}'></iframe>"),
        PLAIN,
    ),
    "a frame as an address of data": (
        whole(f'<iframe src="data:text/html;base64,{base64.b64encode(FORM.encode()).decode()}"></iframe>'),
        PLAIN,
    ),
    "labels that are pictures": (
        whole(
            "<img alt='应急管理部 特种作业操作证查询'><img alt=姓名><input><br><img alt=身份证号><input><br>"
            "<img alt=查询 onclick=go()>"
        ),
        PLAIN,
    ),
    "letters set apart by characters that nobody sees": (
        whole(
            f"<h1>{spaced('特种作业操作证查询')}</h1>姓名<input>{spaced('证书编号')}<input><p>{spaced('应急管理部')}监制"
        ),
        PLAIN,
    ),
    "traditional characters": (
        whole("<h1>特種作業操作證查詢</h1>姓名<input>證書編號<input><button>查詢</button><p>應急管理部"),
        PLAIN,
    ),
    "a certificate's picture is to be sent": (
        whole(
            "<h1>特种作业操作证在线核验</h1><p>上传证件照片，系统自动识别真伪</p><input type=file><button>立即核验</button>"
            "<p>主管部门：应急管理部</p>"
        ),
        PLAIN,
    ),
    "holders in a table": (
        whole(
            "<h1>全国特种设备作业人员持证公示</h1><table><tr><th>姓名<th>证件编号<th>作业项目<th>有效期至<th>发证机关"
            "<tr><td>李某<td>14010119******1234<td>N1<td>2028-05-01<td>某市市场监督管理局</table>"
        ),
        PLAIN,
    ),
    "inputs that show and cannot be filled in": (
        whole(
            "<h1>证书查询结果</h1><label>持证人姓名</label><input readonly value=赵某><label>证书编号</label>"
            "<input readonly value=晋A012008****01><label>工种</label><input readonly value=建筑电工><label>有效期至</label>"
            "<input disabled value=2027-01-01><label>发证机关</label><input readonly value=某省住房和城乡建设厅>"
        ),
        PLAIN,
    ),
    "in English": (
        whole(
            "<h1>Ministry of Emergency Management - Certificate Verification</h1>Full name <input> Certificate No. <input>"
            "<button>Verify</button><p>Special operation certificates of P.R. China"
        ),
        PLAIN,
    ),
    "it says itself to beware of fakes": (
        whole(FORM + "<p>谨防假冒网站，本站为唯一官方查询渠道，请勿相信第三方网站。</p>", "官方查询"),
        PLAIN,
    ),
}

HONEST = {
    "a worker's card on a building site": whole(
        "<h1>某某建工三公司 滨河项目部 工人信息卡</h1><ul><li>姓名 孙某</li><li>工种 架子工</li><li>班组 外架班组</li>"
        "<li>证书编号 晋A03202****0012</li><li>有效期至 2027-05-01</li><li>入场教育 合格</li></ul>"
    ),
    "a school's own papers": whole(
        "<h1>某某职业培训学校 学员证书查询</h1><form>姓名<input>证书编号<input><button>查询</button></form>"
        "<p>仅可查询本校颁发的结业证书和安全培训合格证。特种作业操作证请到官网查询。</p><p>电话 13800000123</p>"
    ),
    "a guide to the official look-ups": whole(
        "<h1>特种作业操作证怎么查询真伪</h1><p>第一步，登录 <a href='https://cx.mem.gov.cn/'>cx.mem.gov.cn</a> 官方网站查询。</p>"
        "<p>第二步，输入姓名、证件号码、验证码，点查询。</p><p>证书信息有姓名、性别、证书编号、作业类别、有效期、发证机关。</p>"
    ),
    "a form that goes to the official site": whole(
        "<h1>特种作业证查询入口</h1><form action='https://cx.mem.gov.cn/special'>姓名<input>证件号码<input><button>查询</button></form>"
    ),
    "an association's own certificates": whole(
        "<h1>某某省茶艺协会 会员证书查询</h1>姓名<input>证书编号<input><button>查询</button><p>证书由某某省茶艺协会颁发</p>"
    ),
    "a page that says whose it is not": whole(
        "<h1>证书查询</h1>姓名<input>操作证号<input><button>查询</button><p>本页面为教学演示，与应急管理部无任何关系。</p>"
    ),
    "enrolment": whole(
        "<h1>高处作业操作证复审报名</h1>姓名<input>身份证号<input>操作证号<input>手机<input>工作单位<input><button>提交报名</button>"
        "<p>发证机关：应急管理局</p>"
    ),
    "a warning with a fake's fields": whole(
        "<h1>市应急管理局提醒：警惕假冒证书查询网站</h1><p>假网站标题为“特种作业操作证查询平台”，要求输入姓名、身份证号、证书编号，"
        "随后显示“该证书真实有效”。</p><p>请登录 <a href='https://cx.mem.gov.cn'>官方网站</a> 查询。</p>"
    ),
    "products": whole(
        "<h1>某某电缆防伪查询</h1>输入防伪码<input><button>查询真伪</button><p>打假举报请联系市场监督管理局。电话 13800000123</p>"
    ),
    "reports of an inspection institute": whole(
        "<h1>某市特种设备检验研究院 检验报告真伪查询</h1>报告编号<input>验证码<input><button>查询</button>"
    ),
    "results of an examination": whole(
        "<h1>某某大学 期末成绩查询</h1>姓名<input>学号<input>验证码<input><button>查询</button>"
    ),
    "someone's own page": whole(
        "<h1>刘师傅的主页</h1><ul><li>姓名 刘某</li><li>工种 电焊</li><li>证书 焊工证</li></ul><p>承接管道焊接，手机 13800000123"
    ),
}


@pytest.mark.parametrize("name", FAKES)
def test_what_does_what_only_an_authority_may_is_found(name: str) -> None:
    html, url = FAKES[name]
    found = judged(html, url)
    assert found.word == "fake_lookup", found


@pytest.mark.parametrize("name", HONEST)
def test_what_does_not_is_not_accused(name: str) -> None:
    found = judged(HONEST[name])
    assert found.word != "fake_lookup", found


def test_a_site_that_gives_itself_out_for_the_authority_is_found_though_it_only_leads_on() -> None:
    title, url = "中华人民共和国应急管理部", "http://www.yjglb-gov.example/"
    frame = whole("<iframe src='http://198-51-100-7.example/q'></iframe>", title)
    front = whole(
        "<a href='./cx/q.php'>特种作业操作证查询</a><p>" + "新闻动态 " * 60 + "<p>主办单位：应急管理部", title
    )
    for html in (frame, front):
        assert judged(html, url).word == "fake_lookup"
        assert judged(html, "http://wool-and-yarn.example/").word != "fake_lookup"  # neither act nor host
    assert judged(whole("<p>系统升级维护中", title), url).word == "doubtful"


def test_inputs_on_pictures_of_which_nothing_can_be_read_are_doubtful_on_a_look_alike_host() -> None:
    html = whole("<img src=1.jpg><input name=a><input name=b><input type=image src=2.jpg>", "查询")
    assert judged(html, "http://tezhongzuoye-cx.example/").word == "doubtful"
    assert judged(html).word == "other"


def test_words_inside_other_words_are_no_authority() -> None:
    found = judged(whole("<h1>Software of special production</h1><form>Certificate No. <input><button>Check</button>"))
    assert not {"authority", "paper", "mentioned"} & {point.name for point in found.points}


def test_no_single_part_makes_a_false_look_up() -> None:
    """Without the act, without the name, without the paper: each time something is wanting."""
    assert judged(FAKES["nothing but a result"][0]).word == "fake_lookup"
    for wanting in (
        whole("<h1>应急管理部 特种作业操作证查询</h1><p>请稍后再来"),
        whole("姓名<input>证书编号<input><button>查询</button>"),
        whole("<h1>应急管理部</h1>姓名<input>座位<input><button>查询</button>"),
    ):
        assert judged(wanting).word != "fake_lookup", wanting


def test_a_page_in_gbk_without_a_word_of_it_is_read() -> None:
    body = FAKES["an old table of two rows"][0].encode("gbk")
    assert judged(decode_text(body, "text/html")).word == "fake_lookup"


def test_what_was_read_on_the_picture_counts() -> None:
    html = whole("<img src=a.jpg><input><img src=b.jpg><input><img src=c.jpg>")
    assert judged(html).word == "other"
    read = "应急管理部\n特种作业操作证查询\n姓名\n证件号码\n验证码\n查询"
    assert judged(html, pictured=read).word in ("fake_lookup", "doubtful")
    shown = "特种作业操作证\n查询结果：证书真实有效\n姓名 王某\n证号 T14010119900101****\n作业类别 电工作业\n有效期限 2025-03-01\n应急管理局"
    assert judged(whole("<img src=a.jpg>"), pictured=shown).word == "fake_lookup"


def test_the_scripts_of_a_page_that_has_words_of_its_own_are_not_its_words() -> None:
    shop = "<p>毛衣、围巾、手套，全国包邮。</p>" * 40
    assert judged(whole(f"{shop}<script>var page={json.dumps(FORM)}</script>")).word == "other"
