"""One case from a fresh hit to its closing in a real browser, wholly by clicking; each person does what the role may."""

from __future__ import annotations

from pathlib import Path

import pytest

from adwatch.app.casework import show_case
from tests.console.browser import browsing
from tests.console.site import Site

pytestmark = pytest.mark.slow


def test_from_a_fresh_hit_to_a_closed_case(site: Site, tmp_path: Path) -> None:
    with browsing(site, tmp_path) as seen:
        page = seen.page

        def leave() -> None:
            page.click("text=退出")

        seen.sign_in("monitor")
        page.click("a.figure:has-text('待初筛')")
        page.click("tbody tr:first-child a")
        case = int(page.url.split("/cases/")[1].partition("?")[0])
        assert page.locator("button:has-text('属实')").count() == 0  # whoever monitors does not confirm
        page.click("button:has-text('线索登记')")
        page.click("#decide >> text=提交")
        page.wait_for_selector(".said")
        assert show_case(site.office, case)["state"] == "registered"
        seen.go(f"/cases/{case}")
        if page.locator("text=放回").count():
            page.click("text=放回")
            page.wait_for_url("**/queue*")
        leave()

        seen.sign_in("reviewer")
        page.click("nav >> text=线索")
        page.click(f"tbody a[href^='/cases/{case}']")
        page.click("button:has-text('属实'):not(:has-text('不'))")
        page.select_option("#decide select[name=code]", "C01")
        page.click("#decide summary:has-text('更正')")
        page.select_option("#decide select[name=scope]", "other_credential")
        page.check("#decide input[name=types][value=insider_claim]")
        page.click("#decide >> text=提交")
        page.wait_for_selector(".said:has-text('属实')")
        (decision,) = show_case(site.office, case)["decisions"]
        assert decision["corrected"] == {"scope": "other_credential", "types": ["insider_claim"]}
        page.click("nav >> text=下架")
        page.click("text=为属实信息拟文")
        page.click("tbody tr:has-text('拟文') a >> nth=0")
        page.click("text=审核通过")
        page.wait_for_selector("h1:has-text('审核')")
        assert page.locator("text=签发用印 c").count() == 0
        letter = page.url
        leave()

        seen.sign_in("head")
        page.click("nav >> text=下架")
        page.click("tbody a >> nth=0")
        assert page.url == letter
        page.fill("form[action$=sign] input[name=document_number]", "某应急函〔2026〕1号")
        page.fill("form[action$=sign] input[name=signatory]", "赵敏")
        page.fill("form[action$=sign] input[name=document_date]", "2026-11-18")
        page.click("form[action$=sign] button")
        page.wait_for_selector("h1:has-text('签发')")
        page.click("text=登记已发出")
        page.click("text=确认办理")
        page.wait_for_selector("h1:has-text('发出')")
        page.select_option("form[action$=reply] select[name=kind]", index=1)
        page.click("text=记录复函")
        page.wait_for_selector("li:has-text('复函')")
        seen.shoot("whole-way-letter")
        page.click(f"tbody a[href='/cases/{case}']")
        for _ in range(6):
            steps = page.locator("#tracks form:has(select[name=to]) select[name=to] option")
            if not steps.count():
                break
            names = steps.all_inner_texts()
            wanted = next(
                each
                for each in ("两次核验", "首次核验", "处置", "签收")
                if any(name.startswith(each) for name in names)
            )
            page.select_option("#tracks select[name=to]", label=next(n for n in names if n.startswith(wanted)))
            if wanted == "两次核验":
                page.select_option("#tracks select[name=outcome]", label="责令改正")
            page.click("#tracks form:has(select[name=to]) button")
            page.wait_for_load_state()
            if show_case(site.office, case)["state"] == "closed":
                break
        assert show_case(site.office, case)["state"] == "closed"
        assert "办结" in page.inner_text("h1")
        seen.shoot("whole-way-closed")
        assert seen.alarms == [] and seen.foreign() == []
