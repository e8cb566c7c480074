// Shows the server's own pages as a dialog. Without this file, the same links and forms lead to the same pages.
let dialog;

addEventListener("click", async (event) => {
  const to = event.target.closest("a[data-subscribe-open], [data-close]");
  if (!to || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  if ("close" in to.dataset) {
    if (!to.closest("dialog")) return;
    event.preventDefault();
    dialog.close();
  } else {
    event.preventDefault();
    const field = document.querySelector("main form[data-subscribe] input[type=email]");
    if (field && to.pathname === location.pathname) {
      dialog?.close();
      field.focus();
    } else if (!show(await load(to.href))) {
      location.assign(to.href);
    }
  }
});

addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("form[data-subscribe]")) return;
  event.preventDefault();
  if (form.ariaBusy) return;
  form.ariaBusy = "true";
  await freshen(form);
  const page = await load(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
  form.ariaBusy = null;
  const error = [...(page?.querySelectorAll("[data-error]") ?? [])].find((note) => note.textContent.trim());
  if (say(form, error?.textContent ?? "")) return;
  if (page?.querySelector("[data-answer]") && show(page)) form.reset();
  else form.submit();
});

// A stored page has no time token: a live one is asked for it as soon as somebody means to write.
addEventListener("focusin", (event) => freshen(event.target.closest("form[data-subscribe]")));

const asked = new WeakMap();
function freshen(form) {
  if (!form || (form.elements.time.value && !("bits" in form.dataset))) return;
  if (!asked.has(form)) asked.set(form, prepare(form));
  return asked.get(form);
}

async function prepare(form) {
  const { time } = form.elements;
  const live = time.value ? form : (await load("/newsletter/"))?.querySelector("form[data-subscribe]");
  if (!live) return asked.delete(form);
  time.value = live.elements.time.value;
  const bits = Number(live.dataset.bits ?? 0);
  if (bits) time.insertAdjacentElement("afterend", await work(time.value, bits));
}

async function work(token, bits) {
  const field = Object.assign(document.createElement("input"), { type: "hidden", name: "proof" });
  for (let tried = 0; ; tried += 1) {
    const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`${token}:${tried}`));
    if (new DataView(hash).getUint32(0) >>> (32 - bits) === 0) return Object.assign(field, { value: tried });
  }
}

async function load(address, options) {
  try {
    const response = await fetch(address, options);
    return new DOMParser().parseFromString(await response.text(), "text/html");
  } catch {
    return null;
  }
}

function say(form, error) {
  const field = form.elements.email;
  const note = field.parentElement.querySelector("[data-error]");
  if (!note) return false;
  note.textContent = error;
  field.ariaInvalid = error ? "true" : null;
  if (error) field.focus();
  return Boolean(error);
}

function show(page) {
  const parts = page?.querySelectorAll("[data-dialog]") ?? [];
  if (!parts.length) return false;
  dialog ??= document.body.appendChild(document.createElement("dialog"));
  // Opened anew for each page, so that screen readers announce it; closing gives the focus back to where it was.
  if (dialog.open) dialog.close();
  dialog.className = "dialog";
  dialog.setAttribute("aria-labelledby", "dialog-heading");
  dialog.setAttribute("aria-describedby", "dialog-text");
  dialog.replaceChildren(...parts);
  for (const part of parts) part.hidden = false;
  dialog.showModal();
  dialog.querySelector("input[type=email], [data-close]").focus();
  return true;
}
