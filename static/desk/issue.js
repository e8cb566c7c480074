// Arranges the parts without leaving the page, and keeps what is typed a moment later. Without this, each button is a POST.
const form = document.querySelector("[data-issue]")
const state = document.querySelector("[data-state]")
const newer = document.querySelector("[data-newer]")
const { writing, offline, out } = form.dataset

const SOON = 1000 // after the last keystroke
const AT_LAST = 2500 // while somebody types on and on
const AGAIN = 5000 // after the server did not answer
const SEARCH = 300

let changed = 0 // counts what was typed
let sent = 0 // up to which count the server has it
let sending = false
let leaving = false
let first = 0
let timer

const say = (words) => (state.textContent = words)

function typed() {
  changed += 1
  first ||= Date.now()
  say(writing)
  clearTimeout(timer)
  timer = setTimeout(send, Math.max(0, Math.min(SOON, first + AT_LAST - Date.now())))
}

async function send() {
  clearTimeout(timer)
  if (sending || changed === sent) return
  sending = true
  first = 0
  const upTo = changed
  let next = SOON
  try {
    const answer = await fetch(form.dataset.autosave, { method: "POST", body: new FormData(form), redirect: "manual" })
    if (answer.type === "opaqueredirect" || answer.status === 403) throw new Error(answer.status, { cause: out })
    const said = await answer.json()
    if (!answer.ok) throw new Error(said.refused ?? answer.status, { cause: said.refused })
    sent = upTo
    form.elements.sitting.value = said.sitting
    newer.textContent = said.newer
    newer.hidden = !said.newer
    if (changed === sent) say(said.saved) // else the last words are not kept yet
  } catch (error) {
    say(error.cause ?? offline)
    next = AGAIN
  } finally {
    sending = false
    if (changed !== sent) timer = setTimeout(send, next)
  }
}

// The server arranges; only the parts and what it found are taken out of its answer.
async function arrange(button) {
  const focus = document.activeElement
  const { name, value } = button
  const body = new FormData(form)
  body.append(name, value)
  const before = changed
  let answer
  try {
    answer = await fetch(form.action, { method: "POST", body, redirect: "manual" })
  } catch {
    return say(offline)
  }
  if (!answer.ok) return say(out)
  const page = new DOMParser().parseFromString(await answer.text(), "text/html")
  // Whoever typed on while the server answered loses nothing: the button is pressed again.
  if (changed !== before) return arrange(button)
  const fresh = page.querySelector("[data-arranged]")
  document.querySelector("[data-arranged]").replaceWith(fresh)
  const target = landing(fresh, name, Number(value))
  if (name === "_find") {
    const field = fresh.querySelector("[data-finds]")
    if (focus?.matches("[data-finds]")) {
      field.focus()
      field.setSelectionRange(field.value.length, field.value.length)
    } else fresh.querySelector("[name=_card]")?.focus()
    return
  }
  target?.focus()
  target?.scrollIntoView({ block: "nearest" })
  typed()
}

// Where the keyboard goes on: at the part that moved, or at what was added.
function landing(fresh, name, place) {
  const parts = [...fresh.querySelectorAll(".issue__part")]
  const button = (part, wanted) => part?.querySelector(`[name=${wanted}]:enabled`) ?? part?.querySelector("button:enabled")
  if (name === "_up") return button(parts[Math.max(0, place - 1)], "_up")
  if (name === "_down") return button(parts[place + 1] ?? parts.at(-1), "_down")
  if (name === "_off") return button(parts[Math.min(place, parts.length - 1)], "_off") ?? fresh.querySelector("[name=_add]")
  if (name === "_add") return parts.at(-1)?.querySelector("textarea, [data-choose]")
  return button(parts.at(-1), "_up")
}

form.addEventListener("click", (event) => {
  const button = event.target.closest("[data-arranges]")
  if (!button) return
  event.preventDefault()
  arrange(button)
})

// Listening
let looking
form.addEventListener("input", (event) => {
  if (!event.target.matches("[data-finds]")) return typed()
  clearTimeout(looking)
  looking = setTimeout(() => arrange(form.querySelector("[name=_find]")), SEARCH)
})
form.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches("[data-finds]")) return
  event.preventDefault()
  arrange(form.querySelector("[name=_find]"))
})
addEventListener("online", send)
document.addEventListener("visibilitychange", () => document.hidden && send())
form.addEventListener("submit", () => (leaving = true))
addEventListener("beforeunload", (event) => {
  if (changed === sent || leaving) return
  navigator.sendBeacon(form.dataset.autosave, new FormData(form))
  event.preventDefault()
})
if ("unsaved" in form.dataset) typed()
