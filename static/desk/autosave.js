// Keeps what is typed: in this browser at once, on the server a moment later, and says which of the two has it.
import { fieldsOf, forget, keep, kept } from "desk/kept"
import { askAgain, whenBack } from "desk/login"
import { attend, tell } from "desk/presence"
import { whenReady } from "desk/ready"

const form = document.querySelector("[data-writing]")
const state = document.querySelector("[data-state]")
const words = document.getElementById("autosave-words").dataset
const { person } = form.dataset

const SOON = 1000 // after the last keystroke
const AT_LAST = 2500 // while somebody types on and on
const AGAIN = 5000 // after the server did not answer

let changed = 0 // counts what was typed
let sent = 0 // up to which count the server has it
let sending = false
let out = false
let timer
let first = 0

const article = () => form.dataset.article
const say = (text) => (state.textContent = text)

// What was chosen is named, because a list that is asked of the server holds only what is chosen in it.
const names = () =>
  Object.fromEntries([...form.querySelectorAll("select[multiple] option:checked")].map(({ value, text }) => [value, text]))
const text = () => fieldsOf(form)
const all = () => ({ fields: text(), names: names(), at: Date.now() })

function typed() {
  changed += 1
  first ||= Date.now()
  say(words.writing)
  keep(person, article(), all()).catch(() => {})
  clearTimeout(timer)
  timer = setTimeout(send, Math.max(0, Math.min(SOON, first + AT_LAST - Date.now())))
}

async function send() {
  clearTimeout(timer)
  if (sending || out || changed === sent) return
  sending = true
  first = 0
  let next = SOON
  const upTo = changed
  const body = new FormData(form)
  try {
    const answer = await fetch(form.dataset.autosave, { method: "POST", body, redirect: "manual" })
    if (answer.type === "opaqueredirect" || answer.status === 403) return loggedOut()
    const said = await answer.json()
    if (!answer.ok) throw new Error(said.refused ?? answer.status, { cause: said.refused })
    sent = upTo
    heard(said)
    form.elements.sitting.value = said.sitting
    if (changed === sent) say(said.saved) // else the last words are only in this browser
    look(said.checklist)
    if (changed === sent) note()
  } catch (error) {
    say(error.cause ?? words.offline)
    next = AGAIN
  } finally {
    sending = false
    if (changed !== sent && !out) timer = setTimeout(send, next)
  }
}

// A new article has an address of its own once its first words are kept.
function heard(said) {
  if (article() === "new") {
    forget(person, "new").catch(() => {})
    form.dataset.article = said.address.match(/(\d+)\/change/)[1]
    form.dataset.autosave = said.address.replace("change/", "autosave/")
    form.dataset.attend = said.address.replace("change/", "attend/")
    form.action = said.address
    form.elements.based_on.value = said.newest
    history.replaceState(null, "", said.address)
  }
  tell(form, words, said)
}

// The check-list of what was kept just now; whoever has closed it, or walks through it, is left alone.
function look(checklist) {
  const place = document.querySelector("[data-checklist]")
  if (checklist === undefined || place.contains(document.activeElement)) return
  const was = place.querySelector("details")
  place.innerHTML = checklist
  const now = place.querySelector("details")
  if (was && now) now.open = was.open
}

// Presence, and the login that ended
attend(form, { heard, isOut: () => out, loggedOut })
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

// Listening
form.addEventListener("input", typed)
form.addEventListener("change", typed)
window.django?.jQuery?.(form).on("change", "select", typed)
addEventListener("online", send)
document.addEventListener("visibilitychange", () => document.hidden && send())
form.addEventListener("submit", () => keep(person, article(), all()).catch(() => {}))
document.querySelector("[data-discard]")?.addEventListener("submit", () => forget(person, article()).catch(() => {}))

// What this browser has and the server has not
const asked = new URLSearchParams(location.search)
const saved = asked.get("kept")
async function restore(editor) {
  // A form that came back holds what was sent, on top of what is newest now.
  if ("unsaved" in form.dataset) return typed()
  const found = await kept(person, article()).catch(() => null)
  // What the server has is kept all the same: without a network the text is read and written on from here.
  if (!found || found.known || isSaved(found)) return note()
  const before = JSON.stringify(text())
  for (const [name, values] of Object.entries(found.fields)) {
    const field = form.elements[name]
    if (!field || name === "based_on") continue
    if (field.multiple) choose(field, values, found.names ?? {})
    else if (field.value !== undefined) field.value = values[0]
  }
  editor?.commands.setContent(found.fields.body?.[0] ?? "")
  form.elements.based_on.value = found.fields.based_on?.[0] ?? form.elements.based_on.value
  if (JSON.stringify(text()) === before) return note()
  form.dataset.unsaved = ""
  typed()
  say(words.restored)
}

// static/desk/saved.js has noted when. What was written in the sitting after that, without a network, is not saved.
function isSaved({ fields, at }) {
  const sitting = fields.sitting?.[0]
  if (saved && sitting === saved) return true
  try {
    return JSON.parse(localStorage.getItem("desk-saved") ?? "{}")[sitting] > at
  } catch {
    return false
  }
}

const note = () => keep(person, article(), { ...all(), known: true }).catch(() => {})

function choose(field, values, names) {
  const there = [...field.options].map((option) => option.value)
  for (const value of values) if (!there.includes(value)) field.add(new Option(names[value] ?? value, value))
  for (const option of field.options) option.selected = values.includes(option.value)
  window.django?.jQuery?.(field).trigger("change")
}

whenReady(restore)
if (saved !== null) {
  asked.delete("kept")
  history.replaceState(null, "", location.pathname + (asked.size ? `?${asked}` : ""))
}

// Without a network the browser opens a shell of its own, which shows the texts that it keeps.
navigator.serviceWorker?.register(form.dataset.worker).catch(() => {})
