// Passkeys: asks here what to ask the device for, asks the device, and hands its answer in with the form.
"use strict";

const toBytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const known = (list) => (list ?? []).map((one) => ({ ...one, id: toBytes(one.id) }));

const answerOf = (credential, response) =>
  JSON.stringify({
    id: credential.id,
    rawId: credential.id,
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: { clientDataJSON: toText(credential.response.clientDataJSON), ...response },
  });

const ways = {
  add: async (options) => {
    const made = await navigator.credentials.create({
      publicKey: {
        ...options,
        challenge: toBytes(options.challenge),
        user: { ...options.user, id: toBytes(options.user.id) },
        excludeCredentials: known(options.excludeCredentials),
      },
    });
    return answerOf(made, {
      attestationObject: toText(made.response.attestationObject),
      transports: made.response.getTransports?.() ?? [],
    });
  },
  use: async (options) => {
    const used = await navigator.credentials.get({
      publicKey: {
        ...options,
        challenge: toBytes(options.challenge),
        allowCredentials: known(options.allowCredentials),
      },
    });
    const { authenticatorData, signature, userHandle } = used.response;
    return answerOf(used, {
      authenticatorData: toText(authenticatorData),
      signature: toText(signature),
      userHandle: userHandle ? toText(userHandle) : undefined,
    });
  },
};

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const error = form.querySelector("[role=alert]");
  if (!globalThis.PublicKeyCredential) {
    error.textContent = form.dataset.unsupported;
    continue;
  }
  form.querySelector("[hidden]:not(input)").hidden = false;
  const { csrf, answer } = form.elements;
  answer.value = "";
  form.addEventListener("submit", async (event) => {
    if (answer.value) return;
    event.preventDefault();
    error.textContent = "";
    try {
      const asked = await fetch(form.dataset.ask, { method: "POST", body: new URLSearchParams({ csrf: csrf.value }) });
      const options = await asked.json();
      if (!asked.ok) {
        error.textContent = options.text;
        return;
      }
      answer.value = await ways[form.dataset.passkey](options);
    } catch (problem) {
      // Which passkeys an account has is not told by the browser, but that this device's is among them.
      const isKnown = problem.name === "InvalidStateError" && form.dataset.known;
      error.textContent = isKnown ? form.dataset.known : form.dataset.cancelled;
      return;
    }
    form.submit();
  });
}
