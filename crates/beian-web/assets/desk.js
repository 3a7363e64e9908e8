// The review desk by keyboard. Everything here can be done with the mouse, and without a script.
"use strict";

const rows = [...document.querySelectorAll("table.queue tbody tr, .desk-form .answer")];
const press = (selector) => document.querySelector(selector)?.click();
const focus = (selector) => document.querySelector(selector)?.focus();

// Where the person is: the row that holds the focus, or was last gone to.
let at = -1;
const here = () => {
  const found = rows.findIndex((row) => row.contains(document.activeElement));
  return found < 0 ? at : found;
};
const go = (to) => {
  if (rows.length === 0) return;
  at = Math.max(0, Math.min(rows.length - 1, to));
  rows.forEach((row, index) => row.classList.toggle("here", index === at));
  (rows[at].querySelector("th a") ?? rows[at]).focus();
  rows[at].scrollIntoView({ block: "nearest" });
};

const keys = {
  j: () => go(here() + 1),
  k: () => go(here() < 0 ? rows.length - 1 : here() - 1),
  x: () => {
    const row = rows[here()];
    const tick = row?.querySelector("input[type=checkbox]");
    tick?.click();
    if (tick?.checked) row.querySelector("select, input:not([type=checkbox])")?.focus();
  },
  a: () => focus("button.approve"),
  r: () => focus("#desk button.danger"),
  b: () => focus("#bulk-action"),
  c: () => press("#claim button[value=claim]"),
  z: () => {
    const zooms = [...document.querySelectorAll("input[name=zoom]")];
    const now = zooms.findIndex((zoom) => zoom.checked);
    zooms[(now + 1) % zooms.length]?.click();
  },
  m: () => {
    const pictures = rows.filter((row) => row.closest(".viewer"));
    const now = pictures.findIndex((row) => row.classList.contains("here"));
    if (pictures.length) go(rows.indexOf(pictures[(now + 1) % pictures.length]));
  },
  n: () => location.assign("/review/next"),
  q: () => location.assign("/review"),
  "/": () => focus("#q"),
  "?": () => {
    const help = document.querySelector(".keys");
    help.open = !help.open;
    if (help.open) help.scrollIntoView({ block: "end" });
  },
};

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select");
  if (event.key === "Escape" && typing) return go(here());
  if (typing || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const act = Object.hasOwn(keys, event.key) ? keys[event.key] : undefined;
  if (!act) return;
  event.preventDefault();
  act();
});

// What is not to be returned after all takes its reasons along: they are out of sight.
for (const row of rows) {
  const tick = row.querySelector("input[name=return]");
  tick?.addEventListener("change", () => {
    if (tick.checked) return;
    for (const reason of row.querySelectorAll(".reason select, .reason input")) reason.value = "";
  });
}

// A picture is moved by dragging it.
const pane = document.querySelector(".viewer-pane");
pane?.addEventListener("pointerdown", (down) => {
  if (down.button !== 0 || down.target.tagName !== "IMG") return;
  down.preventDefault();
  const from = [pane.scrollLeft + down.clientX, pane.scrollTop + down.clientY];
  const move = (event) => pane.scrollTo(from[0] - event.clientX, from[1] - event.clientY);
  document.addEventListener("pointermove", move);
  document.addEventListener("pointerup", () => document.removeEventListener("pointermove", move), { once: true });
});
