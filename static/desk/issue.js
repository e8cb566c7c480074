// Arranges the parts without leaving the page, and keeps what is typed. Without this, each button is a POST.
import { fieldsOf, keep, kept } from "desk/kept"
import { keeping } from "desk/keeping"

const form = document.querySelector("[data-issue]")
const words = document.getElementById("autosave-words").dataset
const { person } = form.dataset
const issue = `issue-${form.dataset.issue}`
const SEARCH = 300

const { typed, say, note, post, loggedOut, changes } = keeping(form, { name: () => issue })

// The server arranges; only the parts and what it found are taken out of its answer.
async function arrange(button) {
  const focus = document.activeElement
  const { name, value } = button
  const body = new FormData(form)
  body.append(name, value)
  const before = changes()
  let answer
  try {
    answer = await fetch(form.action, { method: "POST", body, redirect: "manual", signal: AbortSignal.timeout(20_000) })
  } catch {
    return say(words.offline)
  }
  if (!answer.ok) return loggedOut()
  const page = new DOMParser().parseFromString(await answer.text(), "text/html")
  // Whoever typed on while the server answered loses nothing: the button is pressed again.
  if (changes() !== before) return arrange(button)
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

// What this browser has and the server has not. Its parts are the server's to arrange: it keeps them, and the page
// opens with them.
const asked = new URLSearchParams(location.search)
const saved = asked.get("kept")
const said = ({ sitting, turn, based_on, q, ...rest }) => JSON.stringify(rest)
async function restore() {
  if ("unsaved" in form.dataset) return typed()
  const found = await kept(person, issue).catch(() => null)
  if (!found || found.known || (saved && found.fields.sitting?.[0] === saved)) return note()
  if (said(found.fields) === said(fieldsOf(form))) return note()
  const body = new FormData()
  body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value)
  // Without its turn: it is the latest that there is.
  for (const [name, values] of Object.entries({ ...found.fields, turn: [] })) for (const value of values) body.append(name, value)
  const answer = await post(body).catch(() => null)
  if (!answer?.ok || changes()) return
  await keep(person, issue, { ...found, known: true })
  location.reload()
}
restore()
if (saved !== null) {
  asked.delete("kept")
  history.replaceState(null, "", location.pathname + (asked.size ? `?${asked}` : ""))
}
