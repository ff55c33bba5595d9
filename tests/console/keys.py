"""Somebody without a mouse: every step is a key, and at every stop it is looked whether the focus can be seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.console.browser import Seen
from tests.console.site import PASSWORD

FARTHEST = 400
"""Presses of Tab after which a page is a trap."""
LEAST_CONTRAST = 3.0
"""Of the mark of the focus against its ground: WCAG 2.2, 1.4.11."""
NO_MOUSE = """
for (const kind of ["pointerdown", "mousedown", "mousemove", "click", "wheel", "touchstart"])
  addEventListener(kind, (event) => {
    if (kind !== "click" || event.detail > 0 || event.pointerType) console.error(`a ${kind} in a test without a mouse`);
  }, true);
"""
"""A press of Enter or Space gives a click too: one without a count and without a pointer."""
STOP = """() => {
  const node = document.activeElement;
  if (!node || node === document.body || node === document.documentElement) return null;
  if (!node.getClientRects().length) return null; // of a dialog that was just closed: the next frame takes the focus away
  const own = (label) => { const copy = label.cloneNode(true); copy.querySelectorAll("select, input, textarea").forEach((each) => each.remove()); return copy.textContent; };
  const name = node.getAttribute("aria-label") || (node.labels?.length ? own(node.labels[0]) : "") || (node.matches("select, input, textarea") ? node.placeholder : node.innerText) || "";
  const style = getComputedStyle(node), box = node.getBoundingClientRect();
  const light = (color) => {
    const [r, g, b] = color.match(/[\\d.]+/g).map(Number).map((each) => each / 255).map((each) => each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  let ground = node.parentElement;
  while (ground && /^(rgba\\(.*, 0\\)|transparent)$/.test(getComputedStyle(ground).backgroundColor)) ground = ground.parentElement;
  const below = light(ground ? getComputedStyle(ground).backgroundColor : "rgb(255, 255, 255)");
  const marks = [];
  if (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) marks.push(style.outlineColor);
  if (style.boxShadow !== "none") marks.push(style.boxShadow.match(/rgba?\\([^)]*\\)/)[0]);
  const contrast = Math.max(0, ...marks.map(light).map((each) => (Math.max(each, below) + 0.05) / (Math.min(each, below) + 0.05)));
  const top = node.closest("dialog[open]");
  return {
    name: name.replace(/\\s+/g, " ").trim(), tag: node.tagName.toLowerCase(), contrast, skip: node.matches(".skip"),
    within: box.right > 0 && box.left < innerWidth && box.bottom > 0 && box.top < innerHeight,
    covered: Boolean(document.querySelector("dialog[open]")) && !top,
    chosen: node.matches("select") ? node.selectedOptions[0]?.text ?? "" : "",
    scrolls: !node.matches("a, button, input, select, textarea, summary, [tabindex]") && (node.scrollWidth > node.clientWidth || node.scrollHeight > node.clientHeight),
    place: [...document.querySelectorAll("*")].indexOf(node),
  };
}"""
OPERABLE = """() => [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0'], iframe")]
  .filter((node) => !node.disabled && node.checkVisibility({ visibilityProperty: true }) && !node.closest("dialog:not([open])"))
  .map((node) => [...document.querySelectorAll("*")].indexOf(node))"""


@dataclass
class Keys:
    """Keys of a keyboard, pressed in a page."""

    seen: Seen
    stops: list[Mapping[str, Any]] = field(default_factory=list)
    """Where the focus was after each press of Tab."""

    def __post_init__(self) -> None:
        self.page = self.seen.page
        self.page.context.add_init_script(NO_MOUSE)

    def press(self, *names: str) -> None:
        """Keys, one after the other."""
        for name in names:
            self.seen.painted()
            self.page.keyboard.press(name)

    def type(self, text: str) -> None:
        """Text into what has the focus."""
        self.seen.painted()
        self.page.keyboard.type(text)

    def at(self) -> Mapping[str, Any] | None:
        """What has the focus; it must be seen there, over nothing that covers it."""
        self.seen.painted()  # a key may have led to another page, whose style is on its way
        stop: Mapping[str, Any] | None = self.page.evaluate(STOP)
        if stop is not None:
            assert stop["within"], f"the focus left the screen: {stop} on {self.page.url}"
            assert stop["contrast"] >= LEAST_CONTRAST, f"the focus is not to be seen: {stop} on {self.page.url}"
            assert not stop["covered"], f"the focus is behind a dialog: {stop} on {self.page.url}"
        return stop

    def step(self, back: bool = False) -> Mapping[str, Any] | None:
        """One press of Tab, or of Shift and Tab."""
        self.press("Shift+Tab" if back else "Tab")
        stop = self.at()
        if stop is not None:
            self.stops.append(stop)
        return stop

    def to(self, name: str, tag: str = "", *, back: bool = False) -> Mapping[str, Any]:
        """Tab until something of that name (its beginning) has the focus."""
        for _ in range(FARTHEST):
            stop = self.step(back)
            if stop and stop["name"].startswith(name) and tag in ("", stop["tag"]):
                return stop
        raise AssertionError(f"{name} was not reached by Tab on {self.page.url}")

    def take(self, name: str, tag: str = "", *, key: str = "Enter", back: bool = False) -> None:
        """Go there and press it."""
        self.to(name, tag, back=back)
        self.press(key)

    def fill(self, name: str, text: str) -> None:
        """Go to a field and type."""
        self.to(name)
        self.type(text)

    def choose(self, name: str, option: str) -> None:
        """Go to a list and choose with the arrows."""
        chosen = self.to(name, "select")["chosen"]
        self.press("Home")
        for _ in range(FARTHEST):
            chosen = str((self.at() or {})["chosen"])
            if chosen.startswith(option):
                return
            self.press("ArrowDown")
        raise AssertionError(f"{option} is not in {name}: the last was {chosen}")

    def date(self, name: str, day: str) -> None:
        """Go to a date field and type digits only, in the order that this browser's language has."""
        self.to(name, "input")
        year, month, dated = day.split("-")
        for digits in (year + month + dated, month + dated + year, dated + month + year):
            self.type(digits)
            if self.page.evaluate("document.activeElement.value") == day:
                return
            self.press("ArrowLeft", "ArrowLeft")
        raise AssertionError(f"{name} did not take {day}")

    def file(self, name: str, file: Mapping[str, Any]) -> None:
        """Go to a file field and open the system's own window, in which a file is chosen."""
        self.to(name, "input")
        for left in (2, 1, 0):  # on a busy machine the browser opens its window late, or not for the first press
            try:
                with self.page.expect_file_chooser() as window:
                    self.press("Space")
                break
            except PlaywrightTimeout:
                if not left:
                    raise
        window.value.set_files(file)

    def sign_in(self, name: str) -> None:
        """By the form, whose first field has the focus already."""
        stop = self.at()
        assert stop is not None and stop["name"] == "账号"
        self.type(name)
        self.fill("密码", PASSWORD)
        self.take("登录", "button")
        self.page.wait_for_url("**/today")

    def leave(self) -> None:
        """Sign out by the last button of the page's head."""
        self.top()
        self.take("退出", "button")
        self.page.wait_for_url("**/sign-in")

    def top(self) -> None:
        """Begin anew at the page's head: its first stop is the way past it."""
        self.page.reload()
        stop = self.step()
        assert stop is not None and stop["skip"], f"the first stop is not the skip link but {stop}"

    def skip(self) -> None:
        """Past the head to the text."""
        self.top()
        self.press("Enter")
        assert self.page.evaluate("document.activeElement.id") == "main"

    def walk(self) -> list[int]:
        """Tab once round a page: every thing that can be operated gets the focus, in the order of the page.

        Boxes that scroll may get it too. Gives the places at which it was, from the page's first; the focus ends where
        it began.
        """
        wanted: list[int] = self.page.evaluate(OPERABLE)
        places: list[int] = []
        for _ in range(len(wanted) + FARTHEST):
            stop = self.step()
            if stop is None or stop["place"] in places[-1:]:
                continue  # the end of the page; parts of a date field
            if stop["place"] in places[:1]:
                break
            if stop["place"] in wanted:
                places.append(stop["place"])
            else:
                assert stop["scrolls"], f"the focus is on what does nothing: {stop} on {self.page.url}"
        else:
            raise AssertionError(f"{self.page.url} is a trap: {self.stops[-3:]}")
        first = places.index(min(places))
        return places[first:] + places[:first]
