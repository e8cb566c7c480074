// The article's form keeps what is typed, and finds again what only this browser has.
import { fieldsOf, forget, kept } from "desk/kept"
import { keeping } from "desk/keeping"
import { whenReady } from "desk/ready"

const form = document.querySelector("[data-writing]")
const words = document.getElementById("autosave-words").dataset
const { person } = form.dataset
const article = () => form.dataset.article

// What was chosen is named, because a list that is asked of the server holds only what is chosen in it.
const names = () =>
  Object.fromEntries([...form.querySelectorAll("select[multiple] option:checked")].map(({ value, text }) => [value, text]))

const { typed, say, note } = keeping(form, { name: article, more: () => ({ names: names() }), heard })

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
  look(said.checklist)
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

// Listening
form.addEventListener("input", typed)
form.addEventListener("change", typed)
window.django?.jQuery?.(form).on("change", "select", typed)

// What this browser has and the server has not
const asked = new URLSearchParams(location.search)
const saved = asked.get("kept")
async function restore(editor) {
  // A form that came back holds what was sent, on top of what is newest now.
  if ("unsaved" in form.dataset) return typed()
  const found = await kept(person, article()).catch(() => null)
  // What the server has is kept all the same: without a network the text is read and written on from here.
  if (!found || found.known || isSaved(found)) return note()
  const before = told()
  for (const [name, values] of Object.entries(found.fields)) {
    const field = form.elements[name]
    if (!field || name === "based_on" || name === "turn") continue
    if (field.multiple) choose(field, values, found.names ?? {})
    else if (field.value !== undefined) field.value = values[0]
  }
  editor?.commands.setContent(found.fields.body?.[0] ?? "")
  form.elements.based_on.value = found.fields.based_on?.[0] ?? form.elements.based_on.value
  if (told() === before) return note()
  form.dataset.unsaved = ""
  typed()
  say(words.restored)
}
const told = () => JSON.stringify(fieldsOf(form))

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
