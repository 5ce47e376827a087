"use strict";
// Everything works without this: it copies, keeps what changes up to date, and listens to a few keys.

const $ = (what, inside = document) => inside.querySelector(what);
const every = (what, inside = document) => [...inside.querySelectorAll(what)];
document.documentElement.classList.add("scripted");

const say = (text) => {
  const said = $("#said");
  if (said && said.textContent !== text) said.textContent = text;
};

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const source = $("pre, [data-copied]", button.closest("figure, .command"));
  try {
    await navigator.clipboard.writeText(source.textContent);
    button.textContent = "Copied";
    say("Copied");
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  } catch {
    getSelection().selectAllChildren(source);
  }
});

// A choice of where to go goes there.
for (const select of every("select[data-go]")) select.addEventListener("change", () => select.form.submit());

// One act at a time is open; Escape closes it.
document.addEventListener("toggle", (event) => {
  if (event.target.matches?.("details.act") && event.target.open)
    for (const other of every("details.act[open]")) if (other !== event.target) other.open = false;
}, true);

// What is refused is what is looked at first.
$("[data-focus]")?.focus();

// The page of a new instance: what the bundle costs, and which ones the blueprint can run on.
const order = $("#order");
if (order) {
  const suit = () => {
    const blueprint = $("[name=blueprint]:checked", order);
    for (const bundle of every("[name=bundle]", order)) {
      bundle.disabled = !bundle.dataset.platforms.split(" ").includes(blueprint.dataset.platform)
        || Number(bundle.dataset.power) < Number(blueprint.dataset.power);
      if (bundle.disabled) bundle.checked = false;
    }
    for (const group of every(".group", order))
      group.hidden = !$("[name=blueprint], [name=bundle]:enabled", group);
    const chosen = $("[name=bundle]:checked", order) || $("[name=bundle]:enabled", order);
    if (chosen) { chosen.checked = true; chosen.closest(".group").open = true; }
    $("#told").textContent = chosen ? `${blueprint.dataset.told} on ${chosen.dataset.told}` : "";
  };
  order.addEventListener("change", suit);
  suit();
}

// Ticks: all at once, and how many.
document.addEventListener("change", (event) => {
  const ticks = every("[name=on]", event.target.form || undefined);
  if (event.target.matches("[data-all]")) for (const tick of ticks) tick.checked = event.target.checked;
  const ticked = $("#ticked");
  if (ticked) ticked.textContent = `With the ${ticks.filter((tick) => tick.checked).length} that are ticked`;
});

// A service that has gone is told, and asked again.
let lost = 0;
const heard = () => { lost = 0; $("#gone").hidden = true; };
const missed = () => {
  lost ||= Date.now();
  if (Date.now() - lost < 3000) return;
  $("#gone").textContent = `The service has not answered since ${new Date(lost).toISOString().slice(11, 19)}Z; it is asked again.`;
  $("#gone").hidden = false;
};

// While something is under way, its parts of the page are looked at again, unless somebody is in them.
const parts = () => every("[data-live]");
const refresh = async () => {
  if (document.hidden) return;
  const answer = await fetch(location.href, { headers: { accept: "text/html" } });
  heard();
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of parts()) {
    const next = fresh.getElementById(part.id);
    const isInUse = part.contains(document.activeElement) || $("details[open], :checked", part);
    if (!next || isInUse || next.innerHTML === part.innerHTML) continue;
    const isNews = next.dataset.says && next.dataset.says !== part.dataset.says;
    part.replaceWith(document.adoptNode(next));
    if (isNews) say(next.dataset.says);
  }
  document.body.toggleAttribute("data-busy", fresh.body.hasAttribute("data-busy"));
};
setInterval(() => { if (document.body.hasAttribute("data-busy")) refresh().catch(missed); }, 1000);

// Calls as they come.
const calls = $("#calls[data-from]");
if (calls) {
  const source = new EventSource(calls.dataset.from);
  const pause = $("#pause");
  source.addEventListener("open", heard);
  source.addEventListener("error", missed);
  source.addEventListener("message", (event) => {
    if (pause?.checked) return;
    const row = new DOMParser().parseFromString(`<table><tbody>${JSON.parse(event.data)}</tbody></table>`, "text/html");
    for (const fresh of every("tr", row)) if (!document.getElementById(fresh.id)) calls.prepend(document.adoptNode(fresh));
    while (calls.rows.length > 200) calls.rows[200].remove();
    $("#none")?.remove();
  });
}

// Keys: dead inside fields, and off where somebody has switched them off.
const rows = () => every("table.cards tbody tr");
const step = (by) => {
  const all = rows();
  const next = all[Math.max(0, Math.min(all.length - 1, all.findIndex((row) => row.classList.contains("at")) + by))];
  for (const row of all) row.classList.toggle("at", row === next);
  $("a", next)?.focus();
};
const turn = (by) => {
  const tabs = every("nav.tabs a");
  tabs[tabs.findIndex((tab) => tab.hasAttribute("aria-current")) + by]?.click();
};
const KEYS = {
  "[": () => turn(-1),
  "]": () => turn(1),
  ".": () => $("main .acts :is(button:enabled, summary)")?.focus(),
  j: () => step(1),
  k: () => step(-1),
  x: () => $("tr.at input[type=checkbox]")?.click(),
  r: () => location.reload(),
};
let isGoing = false;
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const open = $("details.act[open]");
    if (open) { open.open = false; $("summary", open).focus(); }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || document.body.hasAttribute("data-no-keys")) return;
  if (event.target.matches("input, select, textarea")) return;
  const place = isGoing && $(`[data-go-key="${CSS.escape(event.key)}"]`);
  isGoing = event.key === "g";
  if (place) return place.click();
  const marked = $(`[data-key="${CSS.escape(event.key)}"]`);
  if (marked) { event.preventDefault(); return marked.matches("input") ? marked.focus() : marked.click(); }
  KEYS[event.key]?.();
});
