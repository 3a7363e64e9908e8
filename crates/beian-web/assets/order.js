// On pages of an order: what is typed is kept without pressing anything, who else is there is told, and time that is
// left is counted down.
"use strict";

const say = (place, text) => {
  // The same words again would be read out again.
  if (place.textContent !== text) place.textContent = text;
};

const kept = document.querySelector("[data-keep]");
const form = document.getElementById("question");
if (kept && form) {
  const typed = () => new URLSearchParams(new FormData(form)).toString();
  let last = typed();
  let timer;
  let isSent = false;
  let onItsWay = new AbortController();
  const keep = async () => {
    clearTimeout(timer);
    timer = undefined;
    const body = typed();
    if (isSent || body === last) return;
    last = body;
    onItsWay = new AbortController();
    try {
      const answer = await fetch(kept.dataset.keep, {
        method: "POST",
        body,
        headers: { "content-type": "application/x-www-form-urlencoded" },
        keepalive: true,
        signal: onItsWay.signal,
      });
      say(kept, (await answer.json()).text);
    } catch {
      // No connection, or no session any more: the next key tries again.
      if (isSent) return;
      last = undefined;
      say(kept, kept.dataset.failed);
    }
  };
  document.addEventListener("input", (event) => {
    if (event.target.form === form) timer ??= setTimeout(keep, 3000);
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") keep();
  });
  addEventListener("pagehide", keep);
  // What is handed in is not also kept beside it.
  form.addEventListener("submit", () => {
    isSent = true;
    onItsWay.abort();
    setTimeout(() => (isSent = false), 8000);
  });
}

const present = document.querySelector("[data-present]");
if (present) {
  const ask = async () => {
    if (document.visibilityState !== "visible") return;
    try {
      const answer = await fetch(present.dataset.present);
      if (answer.ok) say(present, (await answer.json()).text);
    } catch {
      // Not reachable now: the next time will tell.
    }
  };
  setInterval(ask, 20000);
  document.addEventListener("visibilitychange", ask);
}

const left = document.querySelector("[data-left]");
if (left) {
  // By how much is left, not by when it ends: this clock may go otherwise than the server's.
  const end = Date.now() + left.dataset.left * 1000;
  const bar = left.nextElementSibling;
  setInterval(() => {
    const minutes = Math.max(0, Math.ceil((end - Date.now()) / 60000));
    say(left, left.dataset.words.replace("#h", Math.floor(minutes / 60)).replace("#m", minutes % 60));
    bar.value = minutes;
  }, 5000);
}
