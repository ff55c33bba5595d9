"""What shops and boards answer about a listing that was to be removed: each answer with the word that is true of it.

All written for this test in the manner of the wild. ``RULED``: a platform whose item pages are read by rules;
``PLAIN``: one of which only the address and the title are known; ``JSON``: one asked by id.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

TITLE = "高压电工证 低压电工证 快速办理"
TEXT = "不用来现场，身份证照片发来就安排，十个工作日寄出，官网能看到。不存在查不到的情况，查不到全额退，评论已删除是系统原因。"
NAV = '<nav><a href="/">首页</a> <a href="/login">登录</a> <a href="/reg">免费注册</a> <a href="/cart">购物车</a></nav>'
FOOT = "<footer>关于我们 | 联系客服 | 举报中心 | 营业执照 | © 2026</footer>"
MORE = "".join(
    f'<li><a href="/i/{n}">{name}</a> ¥{n}</li>' for n, name in enumerate(("绝缘手套", "安全帽", "电笔", "卡套"), 20)
)


@dataclass(frozen=True)
class Answer:
    """One answer to one question."""

    name: str
    word: str
    body: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    then: tuple[int, str] | None = None
    """Where it redirects, what is answered there."""


def page(main: str, title: str = "便民集市", more: str = "") -> str:
    return f"<!DOCTYPE html><html><head><meta charset=utf-8><title>{title}</title></head><body>{NAV}{main}{more}{FOOT}</body></html>"


def item(title: str = TITLE, text: str = TEXT, number: str = "p1") -> str:
    main = f'<div class="goods" data-id="{number}"><h1>{title}</h1><div class="t">{text}</div></div>'
    return page(main, f"{title} - 便民集市", f"<h3>看了又看</h3><ul>{MORE}</ul>")


def _gone(name: str, words: str, **more: object) -> Answer:
    return Answer(name, "gone", page(f"<div>{words}</div>"), **more)  # type: ignore[arg-type]


GONE = [
    _gone("notice", "<h2>宝贝不存在</h2>"),
    _gone("notice with advice", "<p>很抱歉，您查看的宝贝不存在，可能已下架或者被转移。</p><p>您可以：</p><ul><li>检查地址</li></ul>".replace("或者被转移", "")),
    _gone("deleted by author", "<p>该内容已被作者删除</p>"),
    _gone("deleted", "<p>抱歉，该帖子已被删除！</p>"),
    _gone("breaks the rules", "<p>此内容因违规无法查看</p>"),
    _gone("breaks the law", "<p>该商品因违反相关法律法规已被平台下架</p>"),
    _gone("shop closed", "<p>该店铺已关闭</p>"),
    _gone("link expired", "<p>链接已失效</p>"),
    _gone("off the shelf among others", f"<p>亲，该商品已下架，去看看其他宝贝吧~</p><h3>为您推荐</h3><ul>{MORE}</ul>"),
    _gone("page gone", "<h1>404</h1><p>您访问的页面不存在</p><p>3 秒后自动跳转首页</p>"),
    _gone("lost page", "<p>哎呀，页面走丢了</p>"),
    _gone("note gone", "<p>笔记不见了</p>"),
    _gone("video taken down", "<p>视频已下架</p>"),
    _gone("account closed", "<p>该账号已注销</p>"),
    _gone("english", "<h1>Sorry, the page you requested was not found</h1>"),
    _gone("english item", "<p>This item is no longer available.</p>"),
    _gone("english listing", "<p>This listing has been removed by the seller.</p>"),
    _gone("traditional", "<p>很抱歉，您瀏覽的商品已刪除</p>"),
    _gone("full width", "<p>【提示】该信息已删除或过期！！</p>"),
    _gone("spaced", "<p>该 商 品 已 下 架</p>"),
    Answer("in the title alone", "gone", page("<img src=/no.png><a href=/>回首页</a><p>猜你喜欢的好货都在这里，每天更新</p>", "商品不存在 - 便民集市")),
    Answer("platform's words", "gone", page("<p>您来晚啦，货主收摊</p>")),
    Answer("platform's sign", "gone", page('<div class="off-shelf"></div><p>猜你喜欢</p>')),
    Answer("404 with a shop round it", "gone", page(f"<p>唔，什么也没有</p><ul>{MORE}</ul>"), 404),
    Answer("404 empty", "gone", "", 404),
    Answer("410", "gone", "<h1>Gone</h1>", 410),
    Answer("404 of the server", "gone", "<html><head><title>404 Not Found</title></head><body><center><h1>404 Not Found</h1></center><hr>nginx</body></html>", 404),
    Answer("led to an error page", "gone", "", 302, {"Location": "/notfound"}, (200, page("<p>谢谢您的光临，欢迎下次再来</p>", "宝贝不存在"))),
    Answer("led to a 404", "gone", "", 302, {"Location": "/e404"}, (404, page("<p>没有这一页</p>"))),
]  # fmt: skip

NOT_GONE = [
    Answer("unchanged, and says 不存在 and 已删除 itself", "up", item()),
    Answer("a banner above the item", "up", item().replace("<h1>", "<p>有商品已下架，其余照常</p><h1>")),
    Answer("its own text says deleted", "changed", item(text="该商品已被删除")),
    Answer("made harmless", "changed", item("电工教材 正版", "出版社直发，含真题解析。")),
    Answer("another offer in its place", "changed", item("叉车证 不用考试", "三天出证，先办后付")),
    Answer("another item", "moved", item("绝缘手套", "双层", "p7")),
    Answer("home page", "moved", "", 302, {"Location": "/"}, (200, page(f"<ul>{MORE}</ul>"))),
    Answer("home page that tells news of deletions", "moved", "", 302, {"Location": "/"}, (200, page(f"<p>商品已下架</p><ul>{MORE}</ul>"))),
    Answer("shop's front page", "moved", "", 302, {"Location": "/shop/9"}, (200, page(f"<h1>顺达服务店</h1><ul>{MORE}</ul>"))),
    Answer("layout changed, the text still stands, 不存在 in it", "unknown", page(f"<section><h4>{TITLE}</h4><span>{TEXT}</span></section>")),
    Answer("layout changed, a deleted comment below", "unknown", page(f"<section><h4>{TITLE}</h4></section><ul><li>该评论已被删除</li></ul>")),
    Answer("layout changed, only the text is left", "unknown", page(f"<section>{TEXT}</section><p>内容已删除</p>")),
    Answer("an article about deletions", "unknown", page("<h1>平台公告：近期已删除违规商品三百件</h1><p>凡发布办证信息的，商品一经发现立即下架，账号永久封禁，绝不存在例外。</p>")),
    Answer("seller says his goods are no fakes", "unknown", page("<p>本店商品不存在假货</p><p>每一件都是真的，放心拍下</p>")),
    Answer("a question about a deleted item", "unknown", page("<h1>为什么我的宝贝不存在了？</h1><p>常见问题解答，点击查看详细步骤说明</p>")),
    Answer("sold out", "unknown", page("<p>该商品已售罄，补货后第一时间通知您</p>")),
    Answer("soon back", "unknown", page("<p>商品暂时缺货，预计下周到货，敬请关注本店</p>")),
    Answer("login wall", "unknown", page("<h2>请登录后查看</h2><form><input placeholder=手机号><button>获取验证码</button></form>")),
    Answer("login wall that hints at deletion", "unknown", page("<h2>内容不存在或登录后可见</h2><p>请先登录</p>")),
    Answer("login wall of an application", "unknown", page("<p>打开APP查看完整内容</p><p>该内容不存在</p>")),
    Answer("led to login", "unknown", "", 302, {"Location": "/login?to=/i/1"}, (200, page("<h1>账号登录</h1>"))),
    Answer("only friends", "unknown", page("<p>该内容仅粉丝可见</p>")),
    Answer("captcha", "unknown", page("<p>请拖动滑块完成验证</p>")),
    Answer("captcha dressed as a 404", "unknown", page("<h1>页面不存在</h1><p>检测到您的访问过于频繁，请完成安全验证</p>"), 404),
    Answer("firewall", "unknown", "<html><head><title>405</title></head><body>很抱歉，由于您访问的URL有可能对网站造成安全威胁，您的访问被阻断。</body></html>"),
    Answer("bot check", "unknown", "<html><head><title>Just a moment...</title></head><body>Checking your browser before accessing the site.</body></html>"),
    Answer("denied", "unknown", "<h1>Access Denied</h1><p>You don't have permission to access this page.</p>"),
    Answer("403", "unknown", "Forbidden", 403),
    Answer("429", "unknown", "Too many requests", 429),
    Answer("451", "unknown", "", 451),
    Answer("maintenance with 200", "unknown", page("<h1>系统维护中</h1><p>预计 6:00 恢复，请稍后再试</p>")),
    Answer("maintenance with 404", "unknown", page("<h1>系统升级</h1><p>服务暂时不可用</p>"), 404),
    Answer("busy", "unknown", page("<p>服务器开小差了，页面找不到了，请稍后重试</p>")),
    Answer("gateway with 200", "unknown", "<h1>502 Bad Gateway</h1><hr>nginx"),
    Answer("500", "unknown", "", 500),
    Answer("503", "unknown", page("<p>商品不存在</p>"), 503),
    Answer("database", "unknown", "<h1>Error establishing a database connection</h1>"),
    Answer("parked", "unknown", "<html><head><title>domain for sale</title></head><body><h1>This domain is for sale</h1><ul><li>related searches</li></ul></body></html>"),
    Answer("parked with 404", "unknown", page("<h1>域名已过期</h1><p>请联系注册商续费</p>"), 404),
    Answer("not filed", "unknown", page("<p>该网站未备案，暂时无法访问</p>")),
    Answer("hosting page", "unknown", "<h1>恭喜站点创建成功</h1><p>这是默认首页</p>"),
    Answer("no such site at the host", "unknown", "<html><head><title>404</title></head><body><h1>没有找到站点</h1><p>您的请求在服务器中没有找到对应的站点</p></body></html>", 404),
    Answer("welcome", "unknown", "<h1>Welcome to nginx!</h1><p>If you see this page, the web server is installed.</p>"),
    Answer("under construction", "unknown", page("<h1>网站建设中，敬请期待</h1>")),
    Answer("empty", "unknown", ""),
    Answer("shell", "unknown", '<html><head><title>便民集市</title></head><body><div id="app"></div><noscript>请开启JavaScript</noscript></body></html>'),
    Answer("shell that loads", "unknown", '<html><head><title>便民集市</title></head><body><div id="app">加载中...</div></body></html>'),
    Answer("sent home by script", "unknown", '<html><head><script>location.href="/"</script></head><body></body></html>'),
    Answer("sent home by refresh", "unknown", '<html><head><meta http-equiv="refresh" content="0;url=/"></head><body></body></html>'),
    Answer("no HTML at all", "unknown", "ok"),
    Answer("a list of other goods", "unknown", page(f"<h1>今日特价</h1><ul>{MORE}</ul>")),
    Answer("404 that shows the offer all the same", "unknown", item(), 404),
    Answer("led in circles", "unknown", "", 302, {"Location": "/i/1"}),
]  # fmt: skip

PLAIN = [
    Answer("title shown", "up", page(f"<h1>{TITLE}</h1><p>商品不存在虚假宣传</p>")),
    Answer("notice", "gone", page("<p>对不起，您要查看的主题已被删除</p>")),
    Answer("title and notice", "unknown", page(f"<h1>关于《{TITLE.replace(' ', '')}》</h1><p>该帖子已被删除</p>")),
    Answer("another title, text stands", "unknown", page(f"<h1>新标题</h1><p>{TEXT}</p>")),
    Answer("home", "moved", "", 301, {"Location": "/"}, (200, page("<h1>论坛</h1>"))),
    Answer("login", "unknown", page("<p>您需要登录才能查看，还没有账号？</p><p>请先登录</p>")),
    Answer("404", "gone", page("<p>没有</p>"), 404),
]

JSON = [
    Answer("there", "up", json.dumps({"data": [{"id": "p1", "name": TITLE, "text": TEXT}]})),
    Answer("changed", "changed", json.dumps({"data": [{"id": "p1", "name": TITLE, "text": "改"}]})),
    Answer("none", "gone", json.dumps({"data": []})),
    Answer("an error that says so", "gone", json.dumps({"code": 404, "msg": "商品不存在或已下架"}, ensure_ascii=True)),
    Answer("an error that says nothing", "unknown", json.dumps({"code": 500, "msg": "系统繁忙"})),
    Answer("an error of limits", "unknown", json.dumps({"code": -1, "msg": "访问过于频繁，请稍后再试"})),
    Answer("no login", "unknown", json.dumps({"code": 401, "msg": "登录已过期，请先登录"})),
    Answer("a page instead", "unknown", page("<p>请完成安全验证</p>")),
    Answer("something else", "unknown", json.dumps({"data": [{"id": "p2", "name": "商品不存在", "text": "x"}]})),
    Answer("nothing", "unknown", ""),
    Answer("null", "unknown", "null"),
]
