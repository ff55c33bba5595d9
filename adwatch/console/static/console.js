// Keys and dialogs of the console; pages say by data-* what there is, nothing here knows a screen.
"use strict";
(() => {
  const typing = (node) => node.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
  const rows = () => [...document.querySelectorAll("[data-rows] [data-row]")];
  const current = () => document.querySelector("[data-row].at");

  function stand(row) {
    if (!row || row === current()) return;
    current()?.classList.remove("at");
    rows().forEach((each) => each.removeAttribute("aria-current"));
    row.classList.add("at");
    row.setAttribute("aria-current", "true");
  }

  function enter(row) {
    // the focus goes along, so that Tab, Enter and a screen reader go on from the row
    stand(row);
    row.scrollIntoView({ block: "nearest" });
    (row.querySelector("a[href]") ?? row.querySelector("input, button"))?.focus({ preventScroll: true });
  }

  function step(by) {
    const all = rows();
    if (!all.length) { document.querySelector(by > 0 ? "[data-more]" : "[data-before]")?.click(); return; }
    const at = all.indexOf(current());
    const next = at < 0 ? 0 : at + by;
    if (next >= all.length) document.querySelector("[data-more]")?.click();
    else if (next < 0 && at === 0) document.querySelector("[data-before]")?.click();
    enter(all[Math.max(0, Math.min(all.length - 1, next))]);
  }

  function counted() {
    const chosen = document.querySelectorAll("[data-row] input[type=checkbox]:checked").length;
    document.querySelectorAll("[data-chosen]").forEach((node) => { node.textContent = chosen; });
  }

  const NAMED = 5;
  let taken = null; // a row that was not ticked by hand: it is so for the dialog alone

  function take() {
    if (document.querySelector("[data-row] input[type=checkbox]:checked")) return;
    taken = current()?.querySelector("input[type=checkbox]") ?? null;
    if (taken) { taken.checked = true; counted(); }
  }

  function giveBack() {
    if (taken) { taken.checked = false; counted(); }
    taken = null;
  }

  function name(list) {
    // whoever acts reads of which rows, before it is done
    const chosen = rows().filter((row) => row.querySelector("input[type=checkbox]:checked"));
    const lines = chosen.slice(0, NAMED).map((row) => row.dataset.name ?? "");
    if (chosen.length > NAMED) lines.push(`等 ${chosen.length} 条`);
    list.replaceChildren(...lines.map((line) => {
      const item = document.createElement("li"), words = document.createElement("bdi");
      words.textContent = line;
      item.append(words);
      return item;
    }));
  }

  function open(id, trigger) {
    const dialog = document.getElementById(id);
    if (!dialog || dialog.open) return;
    if ("take" in (trigger?.dataset ?? {})) take();
    dialog.querySelectorAll("[data-named]").forEach(name);
    for (const [name, value] of Object.entries(trigger?.dataset ?? {})) {
      if (!name.startsWith("set")) continue;
      const field = name.slice(3).toLowerCase();
      dialog.querySelectorAll(`[name="${field}"]`).forEach((node) => { node.value = value; });
      dialog.querySelectorAll(`[data-show="${field}"]`).forEach((node) => { node.textContent = trigger.dataset.label ?? value; });
      dialog.querySelectorAll(`[data-for-${field}]`).forEach((node) => {
        const fits = node.getAttribute(`data-for-${field}`).split(" ").includes(value);
        node.hidden = !fits;
        if (node.tagName === "OPTION") node.disabled = !fits;
        node.querySelectorAll("select, textarea, input").forEach((each) => { each.disabled = !fits; });
      });
      dialog.querySelectorAll("select").forEach((node) => { if (node.selectedOptions[0]?.disabled) node.value = ""; });
    }
    dialog.showModal();
    [...dialog.querySelectorAll("[data-first]")].find((node) => !node.closest("[hidden]"))?.focus();
  }

  let went = 0, keyed = null;
  document.addEventListener("pointerdown", () => { keyed = null; }, true);
  document.addEventListener("focusin", (event) => stand(event.target.closest("[data-row]")));
  document.addEventListener("keydown", (event) => {
    const target = event.target;
    if (target.matches("select[data-send]")) {
      // arrows change a select at each press: whoever chooses by keys says with Enter that it is chosen
      keyed = target;
      if (event.key === "Enter" && !event.isComposing) { event.preventDefault(); target.form.requestSubmit(); return; }
    }
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && target.form) {
      event.preventDefault();
      target.form.requestSubmit();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const left = target.closest("dialog:not([open])"); // just closed: what had the focus in it keeps it for a moment
    if (event.key === "Escape" && typing(target) && !target.closest("dialog")) { target.blur(); return; }
    if (!left && (typing(target) || target.closest("dialog"))) return;
    const key = event.key;
    if (Date.now() - went < 1500 && /^[1-9]$/.test(key)) {
      document.querySelectorAll(".top nav a")[Number(key) - 1]?.click();
      return;
    }
    const pressed = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find((node) => !node.closest("dialog:not([open])"));
    if (pressed) {
      event.preventDefault();
      if (pressed.matches("input:not([type=submit]), select, textarea")) pressed.focus();
      else pressed.click();
    } else if (key === "g") went = Date.now();
    else if (key === "j" || key === "k") { event.preventDefault(); step(key === "j" ? 1 : -1); }
    else if (key === "Enter" && current() && (left || !target.closest("a, button, summary, input"))) current().querySelector("a[href]")?.click();
    else if (key === "x" && current()) { const box = current().querySelector("input[type=checkbox]"); if (box) { box.checked = !box.checked; counted(); } }
    else if (key === "/") { event.preventDefault(); document.querySelector("[data-filter]")?.focus(); }
    else if (key === "?") document.getElementById("keys")?.showModal();
  });

  document.addEventListener("click", (event) => {
    const trigger = event.target.closest("[data-open]");
    if (trigger) {
      event.preventDefault();
      open(trigger.dataset.open, trigger);
      return;
    }
    if (event.target.closest("[data-close]")) { event.target.closest("dialog")?.close(); return; }
    const row = event.target.closest("[data-row]");
    if (row) stand(row);
  });
  document.addEventListener("close", giveBack, true); // by the button, by Esc; it does not bubble
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-all]")) {
      document.querySelectorAll("[data-row] input[type=checkbox]").forEach((box) => { box.checked = event.target.checked; });
    }
    if (event.target.matches("[data-send]") && event.target !== keyed) event.target.form.requestSubmit();
    counted();
  });
  document.addEventListener("input", (event) => {
    // what stands beside a field that has a list: the words of what was chosen from it
    const said = event.target.list && document.querySelector(`[data-said-by="${CSS.escape(event.target.name)}"]`);
    if (said) said.textContent = [...event.target.list.options].find((each) => each.value === event.target.value)?.label ?? "";
  });
  document.addEventListener("paste", (event) => {
    // a native date field takes digits only; dates are copied as 2026年11月18日, 2026-11-18 or 2026.11.18
    const told = event.target.matches?.("input[type=date]") && event.clipboardData.getData("text").match(/(\d{4})\D+(\d{1,2})\D+(\d{1,2})/);
    if (!told) return;
    event.preventDefault();
    event.target.value = `${told[1]}-${told[2].padStart(2, "0")}-${told[3].padStart(2, "0")}`;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    // what could not be done is said above the page, which may be far from the form
    if (event.detail.target.id === "alerts") event.detail.target.scrollIntoView({ block: "nearest" });
  });
  document.addEventListener("submit", (event) => {
    // a second press while the first is on its way would be a second act
    const form = event.target;
    if (form.method !== "post" || form.matches("[hx-post], [data-download]")) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    window.addEventListener("pageshow", () => { delete form.dataset.sent; }, { once: true });
  });
  if (rows().length) stand(document.querySelector("[data-row][data-at]") ?? rows()[0]);
})();
