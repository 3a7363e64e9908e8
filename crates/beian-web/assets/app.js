// The pages work without this. It does three small things.
"use strict";

// 1. A page that waits asks now and then whether it would say something else.
const watched = document.querySelector("[data-watch]");
if (watched) {
  const ask = async () => {
    if (document.visibilityState === "visible") {
      try {
        const answer = await fetch(watched.dataset.watch, { headers: { accept: "application/json" } });
        if (answer.ok && (await answer.json()).version !== watched.dataset.version) location.reload();
      } catch {
        // Not reachable now: the next time will tell.
      }
    }
    setTimeout(ask, 4000);
  };
  setTimeout(ask, 2000);
}

// 2. After an error the summary is where reading goes on.
document.querySelector(".error-summary")?.focus();

// 3. A form that is on its way is not sent a second time.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
    setTimeout(() => delete form.dataset.sent, 8000);
  });
}
