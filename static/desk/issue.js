// Arranges the parts without leaving the page, and keeps what is typed: in this browser at once, on the server a moment
// later. Without this, each button is a POST.
import { fieldsOf, forget, keep, kept } from "desk/kept"
import { askAgain, whenBack } from "desk/login"
import { attend, tell } from "desk/presence"

const form = document.querySelector("[data-issue]")
const state = document.querySelector("[data-state]")
const words = document.getElementById("autosave-words").dataset
const { person } = form.dataset
const issue = `issue-${form.dataset.issue}`

const SOON = 1000 // after the last keystroke
const AT_LAST = 2500 // while somebody types on and on
const AGAIN = 5000 // after the server did not answer
const SEARCH = 300

let changed = 0 // counts what was typed
let sent = 0 // up to which count the server has it
let sending = false
let out = false
let first = 0
let timer

const say = (text) => (state.textContent = text)
const all = () => ({ fields: fieldsOf(form), at: Date.now() })
const note = () => keep(person, issue, { ...all(), known: true }).catch(() => {})

function typed() {
  changed += 1
  first ||= Date.now()
  say(words.writing)
  keep(person, issue, all()).catch(() => {})
  clearTimeout(timer)
  timer = setTimeout(send, Math.max(0, Math.min(SOON, first + AT_LAST - Date.now())))
}

async function send() {
  clearTimeout(timer)
  if (sending || out || changed === sent) return
  sending = true
  first = 0
  const upTo = changed
  let next = SOON
  try {
    const answer = await post(new FormData(form))
    if (answer.type === "opaqueredirect" || answer.status === 403) return loggedOut()
    const said = await answer.json()
    if (!answer.ok) throw new Error(said.refused ?? answer.status, { cause: said.refused })
    sent = upTo
    form.elements.sitting.value = said.sitting
    tell(form, words, said)
    if (changed !== sent) return // the last words are not kept yet
    say(said.saved)
    note()
  } catch (error) {
    say(error.cause ?? words.offline)
    next = AGAIN
  } finally {
    sending = false
    if (changed !== sent && !out) timer = setTimeout(send, next)
  }
}

const post = (body) => fetch(form.dataset.autosave, { method: "POST", body, redirect: "manual" })

// Presence, and the login that ended
attend(form, { heard: (said) => tell(form, words, said), isOut: () => out, loggedOut })
function loggedOut() {
  out = true
  say(words.out)
  askAgain()
}
whenBack(person, {
  back() {
    out = false
    send()
  },
  stranger: () => say(words.stranger),
})

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
    return say(words.offline)
  }
  if (!answer.ok) return loggedOut()
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
form.addEventListener("submit", () => keep(person, issue, all()).catch(() => {}))
document.querySelector("[data-discard]")?.addEventListener("submit", () => forget(person, issue).catch(() => {}))

// What this browser has and the server has not. Its parts are the server's to arrange: it keeps them, and the page
// opens with them.
const asked = new URLSearchParams(location.search)
const saved = asked.get("kept")
const said = ({ sitting, based_on, q, ...rest }) => JSON.stringify(rest)
async function restore() {
  if ("unsaved" in form.dataset) return typed()
  const found = await kept(person, issue).catch(() => null)
  if (!found || found.known || (saved && found.fields.sitting?.[0] === saved)) return note()
  if (said(found.fields) === said(fieldsOf(form))) return note()
  const body = new FormData()
  body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value)
  for (const [name, values] of Object.entries(found.fields)) for (const value of values) body.append(name, value)
  const answer = await post(body).catch(() => null)
  if (!answer?.ok || changed) return
  await keep(person, issue, { ...found, known: true })
  location.reload()
}
restore()
if (saved !== null) {
  asked.delete("kept")
  history.replaceState(null, "", location.pathname + (asked.size ? `?${asked}` : ""))
}
