"""Makes known.jsonl and held.jsonl: listings of invented sellers whose truth is known, from texts written by hand.

``python -m tests.casework.clusters.make``; the same bytes each time. Each row: platform, seller_id, title, text, images,
uscc, ``seller`` (who it truly is) and ``why`` (what the row is there for). It knows nothing of how listings are linked.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PLATFORMS = ("mall", "bazaar", "forum", "video", "second_hand")
CITIES = (
    "北京",
    "上海",
    "广州",
    "深圳",
    "杭州",
    "南京",
    "武汉",
    "成都",
    "重庆",
    "西安",
    "郑州",
    "济南",
    "太原",
    "运城",
    "长沙",
    "合肥",
)
TRADES = (
    "低压电工证",
    "高压电工证",
    "焊工证",
    "高处作业证",
    "叉车证N1",
    "起重机Q2证",
    "锅炉G1证",
    "架子工证",
    "塔吊证",
    "安全员C证",
    "制冷证",
    "电梯T证",
)
Row = dict[str, Any]

SHORT = (  # what many different people write
    "{trade}免考包过，加急出证，{how}",
    "{trade}不用考试，直接拿证，{how}",
    "代办{trade}，不过退款，{how}",
    "{trade} 三天出证 官网可查 {how}",
    "专业代考{trade}，包通过，{how}",
)
TEMPLATE = (  # sold and copied texts
    "本机构专业办理{trade}，无需本人到场，无需参加培训和考试，只要提供身份证照片和一寸白底照片，七个工作日下证，官网全国可查，支持验证之后再付尾款，先办证后付款，安全可靠，{how}",
    "还在为{trade}发愁吗？工作太忙没时间学习没时间考试？我们有内部名额，免培训免考试，资料发过来就可以坐等收证，证书联网可查，复审也能办，价格好商量，{how}",
    "{trade}速办通道开启，名额有限先到先得，包过包拿证，不过全额退款，全程一对一服务，证书真实有效，全国通用，终身可查，办理过的都说好，{how}",
)
OWN = (  # each one seller's own words, long
    "干了八年的老张，手里{trade}的名额每个月就那么几个，你把身份证正反面拍清楚发我，剩下的考试我找人替你坐进去，出来的证你自己拿手机上官网一扫就有，扫不出来我一分不要，{how}",
    "工地上的兄弟们看过来，{trade}不用请假不用进考场，我们和考点有长期合作，答案考前一晚上发到你手上照着填就行，去年给项目部办了三百多个没有一个没过的，{how}",
    "姐妹开的小工作室，专门做{trade}，空白证和钢印都是一手的，手感跟真的没有区别，带二维码扫码能跳出来信息，发货走顺丰到付先看货，{how}",
    "学时不够的找我刷，{trade}理论课时一晚上刷满，人脸识别那步我有办法，考试也可以远程协助，屏幕共享给我就行，坐在家里点点鼠标就能过，{how}",
    "公司急用{trade}撑资质的看这里，挂靠一年两千起，人不用来不坐班，只用证书扫描件，社保我们自己解决，合同一年一签随时可退，{how}",
    "本人考务系统干过，{trade}成绩可以后台录入，录进去就是真的，单位查学校查网上查都没有问题，价钱比外面贵一点但图个安心，不诚心的别来问，{how}",
    "夜班师傅福利，{trade}考试时间你挑，我们有跟你长得像的人进场，刷脸过闸机有经验，过了再给钱，押金都不用交，老客户介绍还能便宜三百，{how}",
    "办证中介老李，{trade}从报名到拿证一条龙，你连考试院的门朝哪开都不用知道，二十天内寄到你家门口，寄不到退你双倍，做了十几年全靠口碑，{how}",
    "刚毕业的大学生看过来，{trade}包拿证的班今天最后三个名额，交了钱就等着收快递，老师就是命题组出来的，押题一押一个准，{how}",
    "开了个新店优惠大家，{trade}原价一千八现在八百八，免体检免学习，工作证明社保证明都给你配齐，考场那边打过招呼，{how}",
    "煤矿非煤矿山的朋友注意，{trade}新规下来之后考试更难了，趁现在老通道还没关，抓紧把资料给我，月底之前统一出一批，过了月底就没有了，{how}",
    "外地务工不方便回去考的，{trade}可以异地代办，你人在哪里都行，手机上签个名就可以，证件直接邮到工地，已经给山西河南的老乡办了好几百个，{how}",
)
SAYS = ("加微{c}", "微信：{c}", "薇❤{c}", "V信 {c}", "vx:{c}", "联系微信{c}", "有意者 徽信 {c}")
PHONES = ("电话{c}", "手机{c}", "致电 {c}", "打{c}详谈")


class Maker:
    """Rows of one file."""

    def __init__(self, seed: int, own: tuple[str, ...], template: tuple[str, ...]) -> None:
        self.random = random.Random(seed)
        self.seed, self.own, self.template = seed, list(own), template
        self.rows: list[Row] = []
        self.sellers = 0

    def seller(self) -> str:
        """A new true seller."""
        self.sellers += 1
        return f"s{self.seed}-{self.sellers:03d}"

    def wechat(self) -> str:
        """An invented account."""
        letters = "".join(self.random.choice("abcdefghjkmnpqrstuwxyz") for _ in range(4))
        return f"{letters}{self.random.randrange(10_000, 99_999)}"

    def phone(self) -> str:
        """An invented number of a block that is not given out."""
        return f"1700000{self.random.randrange(10_000):04d}"

    def how(self, contact: str | None) -> str:
        """The call to get in touch, written in one of the ways."""
        if contact is None:
            return "详情私聊"
        ways = PHONES if contact.isdigit() and len(contact) == 11 else SAYS
        said = self.random.choice(ways)
        if contact.isdigit() and self.random.random() < 0.4:
            contact = self.random.choice((f"{contact[:3]}-{contact[3:7]}-{contact[7:]}", self.chinese(contact)))
        return said.format(c=contact)

    def chinese(self, digits: str) -> str:
        """The number in Chinese numerals."""
        return "".join("零一二三四五六七八九"[int(each)] for each in digits)

    def add(self, seller: str, account: str | None, platform: str, text: str, why: str, **more: Any) -> None:
        """A row; the trade, where the text names none, and the title are chosen."""
        trade = more.pop("trade", None) or self.random.choice(TRADES)
        how = self.how(more.pop("contact", None))
        body = text.format(trade=trade, how=how)
        if self.random.random() < 0.25:
            body = self.disguised(body)
        title = more.pop("title", None) or f"{trade}{self.random.choice(('办理', '代办', '包过', '免考', ''))}"
        row = {"platform": platform, "seller_id": account, "title": title, "text": body, **more}
        self.rows.append({**row, "seller": seller, "why": why})

    def account(self) -> str:
        """A new account name."""
        return f"u{self.random.randrange(10**8):08d}"

    def disguised(self, text: str) -> str:
        """Some characters changed as sellers do."""
        changes = {"证": "政", "考": "拷", "包": "苞", "办": "辦", "过": "過", "免": "免 ", "专": "專", "级": "級"}
        return "".join(changes.get(c, c) if self.random.random() < 0.35 else c for c in text)


def make(seed: int, half: int) -> list[Row]:
    """All rows of one file: half of the texts are in one, half in the other."""
    m = Maker(seed, OWN[half::2], (TEMPLATE[0], TEMPLATE[1]) if half == 0 else (TEMPLATE[1], TEMPLATE[2]))
    for part in (across, cities, templates, hotlines, quoted, pictures, companies, alone, bridged, agents, copied):
        part(m)
    m.random.shuffle(m.rows)
    for number, row in enumerate(m.rows):
        row["id"] = f"{seed}-{number:04d}"
    return m.rows


def across(m: Maker) -> None:
    """One seller, several platforms, one contact, other words each time."""
    for _ in range(8):
        seller, contact = m.seller(), m.random.choice((m.wechat, m.phone))()
        for platform in m.random.sample(PLATFORMS, 4):
            text = m.random.choice((*SHORT, *m.template))
            m.add(seller, m.account(), platform, text, "same contact on several platforms", contact=contact)
        if m.random.random() < 0.5:
            account = m.account()
            for _ in range(2):
                m.add(seller, account, "mall", m.random.choice(SHORT), "same account and contact", contact=contact)


def cities(m: Maker) -> None:
    """One seller floods one platform from many accounts, a city each, one contact; another does so without contact."""
    seller, contact, text = m.seller(), m.wechat(), m.own.pop()
    for city in CITIES * 2:
        trade = m.random.choice(TRADES)
        shown = city + text
        m.add(
            seller, m.account(), "forum", shown, "city template, one contact", contact=contact, trade=f"{city}{trade}"
        )
    seller, text = m.seller(), m.own.pop()
    for city in CITIES[:3]:
        m.add(seller, m.account(), "video", f"{city}{text}", "city template, no contact", trade="特种作业证")


def templates(m: Maker) -> None:
    """Different sellers, the same bought text, contacts of their own; and short common texts without contact."""
    for text in m.template:
        for _ in range(8):
            m.add(
                m.seller(),
                m.account(),
                m.random.choice(PLATFORMS),
                text,
                "bought text, own contact",
                contact=m.wechat(),
            )
    for text in SHORT[:4]:
        for _ in range(4):
            trade = m.random.choice(TRADES[:3])
            m.add(m.seller(), m.account(), m.random.choice(PLATFORMS), text, "common words, no contact", trade=trade)
    for _ in range(6):
        m.add(m.seller(), m.account(), m.random.choice(PLATFORMS), m.template[0], "bought text, no contact")


def hotlines(m: Maker) -> None:
    """Different sellers name the platform's service number or an official one."""
    for number in range(8):
        tail = "平台客服400-820-1234为您保障" if number % 2 else "假一赔十，可打12315核实"
        text = m.random.choice(SHORT) + "。" + tail
        m.add(m.seller(), m.account(), "mall", text, "hotline or official number", contact=m.wechat())


def quoted(m: Maker) -> None:
    """A rival quotes another's contact to warn of him, and sells himself."""
    for _ in range(3):
        victim, contact = m.seller(), m.wechat()
        m.add(victim, m.account(), "forum", m.random.choice(SHORT), "is quoted by a rival", contact=contact)
        warning = f"各位别找微信{contact}那个骗子，收钱不办事，正规渠道找我们，" + "{trade}包过，{how}"
        m.add(m.seller(), m.account(), "forum", warning, "quotes a rival", contact=m.wechat())


def pictures(m: Maker) -> None:
    """A picture taken by many; and one seller's own picture with the same words and no contact."""
    taken = f"https://pic.example/{m.seed}/certificate.jpg"
    for _ in range(7):
        m.add(m.seller(), m.account(), "second_hand", m.random.choice(SHORT), "stock picture", images=[taken])
    for _ in range(3):
        seller, own = m.seller(), f"https://pic.example/{m.seed}/{m.random.randrange(10**6)}.jpg"
        text = m.random.choice(SHORT) + "，老店新号，回头客直接找，照片是昨天刚下来的一批"
        trade = m.random.choice(TRADES)
        for _ in range(2):
            m.add(
                seller,
                m.account(),
                "bazaar",
                text,
                "own picture and words",
                images=[own],
                trade=trade,
                title=f"{trade}现成",
            )


def companies(m: Maker) -> None:
    """One operator with three shops under one credit code."""
    for number in range(2):
        seller, code = m.seller(), f"91140000MA0K{m.seed % 10}{number}TE{m.random.randrange(10)}X"
        for platform in ("mall", "mall", "bazaar"):
            m.add(seller, m.account(), platform, m.random.choice(SHORT), "same credit code", uscc=code)


def alone(m: Maker) -> None:
    """Sellers with one listing, a contact and words of their own or common ones; and accounts with several listings."""
    for _ in range(12):
        m.add(m.seller(), m.account(), m.random.choice(PLATFORMS), m.random.choice(SHORT), "alone", contact=m.wechat())
    for _ in range(8):
        seller, account, platform = m.seller(), m.account(), m.random.choice(PLATFORMS)
        for _ in range(3):
            m.add(seller, account, platform, m.random.choice(SHORT), "one account, several listings")
    for _ in range(5):
        m.add(m.seller(), None, "forum", m.random.choice(SHORT), "no account shown", contact=m.phone())


def bridged(m: Maker) -> None:
    """A seller who changes his number: the old one, both, the new one."""
    for _ in range(3):
        seller, old, new = m.seller(), m.wechat(), m.phone()
        m.add(seller, m.account(), "mall", m.random.choice(SHORT), "changes contact: old", contact=old)
        both = m.random.choice(SHORT) + f"，旧号满了加新号电话{new}"
        m.add(seller, m.account(), "forum", both, "changes contact: both", contact=old)
        m.add(seller, m.account(), "video", m.random.choice(SHORT), "changes contact: new", contact=new)


def agents(m: Maker) -> None:
    """Independent agents who all name a head office's number beside their own."""
    office = m.phone()
    for _ in range(26):
        text = m.random.choice(SHORT) + f"。总部监督电话{office}"
        m.add(m.seller(), m.account(), m.random.choice(PLATFORMS), text, "agents of one office", contact=m.wechat())


def copied(m: Maker) -> None:
    """A seller's own long words: his second account without contact, a thief with a contact, a thief without."""
    for steals in (False, False, True):
        seller, text, contact = m.seller(), m.own.pop(), m.wechat()
        m.add(seller, m.account(), "mall", text, "own long words", contact=contact, trade="焊工证")
        if steals:
            m.add(
                m.seller(), m.account(), "video", text, "stolen words, own contact", contact=m.wechat(), trade="焊工证"
            )
        else:
            m.add(seller, m.account(), "forum", text, "own long words, second account", trade="焊工证")
    text = m.own.pop()
    m.add(m.seller(), m.account(), "mall", text, "own long words", contact=m.wechat(), trade="叉车证")
    m.add(m.seller(), m.account(), "forum", text, "stolen words, no contact: nothing tells", trade="叉车证")


def lines(rows: list[Row]) -> Iterator[str]:
    """JSON lines."""
    for row in rows:
        yield json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    for name, seed, half in (("known", 11, 0), ("held", 22, 1)):
        with (HERE / f"{name}.jsonl").open("w", encoding="utf-8") as out:
            out.writelines(lines(make(seed, half)))
