// The shell: shows what this browser keeps of the article in the address bar, and keeps what is written on.
import { everything, keep } from "desk/kept"
import { whenReady } from "desk/ready"

const form = document.querySelector("[data-offline]")
const list = document.querySelector("[data-texts]")
const state = document.querySelector("[data-state]")
const article = location.pathname.match(/(\d+)\/change/)?.[1] ?? "new"
const AGAIN = 5000
let text
let changed = 0 // counts what was typed

const texts = everything().catch(() => [])

whenReady(async (editor) => {
  const found = await texts
  text = found.find((one) => one.article === article)
  form.hidden = !text
  for (const one of found.filter((other) => other !== text && /^\d+$/.test(other.article))) {
    const link = document.createElement("a")
    link.href = `/admin/articles/article/${one.article}/change/`
    link.textContent = one.fields.title?.[0] || link.href
    list.append(Object.assign(document.createElement("li"), {}))
    list.lastChild.append(link)
  }
  document.querySelector("[data-none]").hidden = found.length > 0
  if (!text) return
  for (const name of ["title", "standfirst"]) form.elements[name].value = text.fields[name]?.[0] ?? ""
  editor.commands.setContent(text.fields.body?.[0] ?? "")
  form.addEventListener("input", () => {
    for (const name of ["title", "standfirst", "body"]) text.fields[name] = [form.elements[name].value]
    const { article, person, ...rest } = text
    const upTo = (changed += 1)
    state.textContent = state.dataset.writing
    keep(person, article, { ...rest, at: Date.now(), known: false })
      .then(() => changed === upTo && (state.textContent = state.dataset.kept))
      .catch(() => (state.textContent = state.dataset.failed))
  })
})
form.addEventListener("submit", (event) => event.preventDefault())

const back = () => location.reload()
addEventListener("online", back)
// A network that was there all the time and let nothing through says nothing when it does.
setInterval(() => fetch("/healthz/", { signal: AbortSignal.timeout(AGAIN) }).then(({ ok }) => ok && back()).catch(() => {}), AGAIN)
