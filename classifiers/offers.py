"""THE table of offer classes: one row each; a new class is a row here, a keyword list of its name and training
sentences.
"""

from __future__ import annotations

from adwatch.tables import OfferClass

OFFER_CLASSES: tuple[OfferClass, ...] = (
    OfferClass(
        "exam_exemption", "免考直发", ("exam_exemption",),
        ("ad_28", "ad_37", "fraud_266"),
        "涉嫌宣称无需培训、考试或者本人到场即可取得证书，与证书须经培训考核取得的规定不符",
        ("ecommerce_29", "ecommerce_31", "ecommerce_80"),
    ),
    OfferClass(
        "fast_track", "速成加急", ("fast_track",),
        ("ad_28", "ad_37", "fraud_266"),
        "涉嫌以付款后数日出证等速成承诺招揽，与法定培训学时和考核程序不符",
        ("ecommerce_29", "ecommerce_31", "ecommerce_80"),
    ),
    OfferClass(
        "guaranteed_pass", "保证通过", ("guaranteed_pass",),
        ("ad_24_1", "unfair_9", "ad_28"),
        "涉嫌对通过考试、获得合格证书作出明示或者暗示的保证性承诺",
        ("ad_45", "ad_63", "ecommerce_31"),
    ),
    OfferClass(
        "proxy_exam", "代考作弊", ("proxy_exam",),
        ("exam_284_1", "ad_37", "ad_28"),
        "涉嫌提供代替考试、代刷学时或者组织考试作弊的服务",
        ("ecommerce_29", "ecommerce_31", "ecommerce_80"),
    ),
    OfferClass(
        "forged_or_traded", "伪造买卖出租", ("forged_or_traded",),
        ("forge_280", "ad_37", "fraud_266", "ecommerce_13"),
        "涉嫌伪造、变造、买卖或者出租、出借、挂靠证件证书",
        ("ecommerce_29", "ecommerce_31", "ecommerce_80"),
    ),
    OfferClass(
        "fake_lookup_site", "仿冒查询网站", ("fake_lookup_site",),
        ("net_287_1", "net_287_2", "ad_9_2"),
        "涉嫌制作、出售仿冒的证书查询网站或者虚假查询数据",
        ("ecommerce_29", "ecommerce_31", "ecommerce_80"),
    ),
    OfferClass(
        "insider_claim", "内部关系", ("insider_claim",),
        ("ad_24_2", "ad_9_2", "ad_28"),
        "涉嫌明示或者暗示与考试机构、考试命题人员有关联，或者有内部渠道",
        ("ad_45", "ad_63", "ecommerce_31"),
    ),
)  # fmt: skip


def by_id() -> dict[str, OfferClass]:
    """The rows by their identifier."""
    return {row.id: row for row in OFFER_CLASSES}
