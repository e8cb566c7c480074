// The picks are arranged in the page: by dragging a card, or by its buttons. Without this, each button is a POST.
const form = document.querySelector("[data-picks]")
const list = form.querySelector("[data-list]")
const told = form.querySelector("[data-told]")
const cards = () => [...list.querySelectorAll("[data-card]")]
let saved = !("changed" in form.dataset)

const tell = (words, card) => {
  told.textContent = words
    .replace("%(title)s", card.dataset.title)
    .replace("%(place)s", cards().indexOf(card) + 1)
    .replace("%(most)s", cards().length)
}
const changed = () => {
  saved = false
  form.querySelector("[data-unsaved]").hidden = false
  form.querySelector("[data-none]").hidden = cards().length > 0
}
const move = (card, steps) => {
  const others = cards()
  const place = others.indexOf(card)
  const other = others[place + steps]
  if (!other) return
  if (steps < 0) other.before(card)
  else other.after(card)
  changed()
  tell(told.dataset.words, card)
}

list.addEventListener("click", (event) => {
  const button = event.target.closest("button")
  if (!button) return
  event.preventDefault()
  const card = button.closest("[data-card]")
  if ("off" in button.dataset) {
    const next = card.nextElementSibling ?? card.previousElementSibling
    tell(told.dataset.wordsOff, card)
    card.remove()
    changed()
    ;(next?.querySelector("[data-off]") ?? form.querySelector("[name=_add]")).focus()
    return
  }
  move(card, Number(button.dataset.steps))
  button.focus()
})

let dragged = null
list.addEventListener("dragstart", (event) => {
  dragged = event.target.closest("[data-card]")
  if (!dragged) return
  event.dataTransfer.effectAllowed = "move"
  event.dataTransfer.setData("text/plain", dragged.dataset.title)
  dragged.classList.add("is-dragged")
})
list.addEventListener("dragover", (event) => {
  if (!dragged) return
  event.preventDefault()
  const over = event.target.closest("[data-card]")
  if (!over || over === dragged) return
  const { top, height } = over.getBoundingClientRect()
  if (event.clientY < top + height / 2) over.before(dragged)
  else over.after(dragged)
})
list.addEventListener("drop", (event) => event.preventDefault())
list.addEventListener("dragend", () => {
  if (!dragged) return
  dragged.classList.remove("is-dragged")
  changed()
  tell(told.dataset.words, dragged)
  dragged = null
})

form.addEventListener("submit", (event) => {
  // What opens beside the page, or comes back with it, loses nothing.
  if (event.submitter?.name !== "_preview") saved = true
})
window.addEventListener("beforeunload", (event) => {
  if (!saved) event.preventDefault()
})
