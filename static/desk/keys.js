// What the theme leaves to the mouse: its clickable things take the keyboard and a name, and its choosers their labels.
const script = document.querySelector("script[data-words-sidebar]")
const NAMES = { dock_to_right: script.dataset.wordsSidebar, close: script.dataset.wordsClose }
const NATIVE = "a[href], button, input, select, textarea, summary"

const isClickable = (node) =>
  !node.matches(NATIVE) &&
  node.textContent.trim() &&
  node.getAttributeNames().some((name) => /^(x-on:|@)click(\.|$)/.test(name) && !name.includes("outside"))

for (const node of document.querySelectorAll("#page *, [x-data] *")) {
  if (node.closest(".prose-editor") || !isClickable(node) || node.querySelector("a[href], button")) continue
  node.tabIndex = 0
  node.setAttribute("role", "button")
  const name = NAMES[node.textContent.trim()]
  if (name) node.setAttribute("aria-label", (node.title = name))
  node.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return
    event.preventDefault()
    node.click()
  })
}

// The theme's pictures are words to whoever hears them; a link that is nothing else takes the name of where it leads.
for (const picture of document.querySelectorAll("a[href] .material-symbols-outlined")) {
  const link = picture.closest("a")
  if (link.textContent.trim() !== picture.textContent.trim()) picture.setAttribute("aria-hidden", "true")
  else if (link.pathname === script.dataset.home) link.setAttribute("aria-label", script.dataset.wordsHome)
}

// Select2 says neither what it is for, nor that what was chosen is no list of its own.
const name = (chooser) => {
  const select = chooser.previousElementSibling
  const label = select?.id && document.querySelector(`label[for="${select.id}"]`)
  if (label) {
    for (const part of chooser.querySelectorAll("[role=combobox], [role=textbox], .select2-search__field")) {
      part.setAttribute("aria-label", label.textContent.trim())
    }
  }
  for (const part of chooser.querySelectorAll("ul.select2-selection__rendered, ul.select2-selection__rendered > li")) {
    part.setAttribute("role", "presentation")
  }
}
const watched = new WeakSet()
const watch = () => {
  for (const chooser of document.querySelectorAll("select + .select2-container")) {
    if (watched.has(chooser)) continue
    watched.add(chooser)
    name(chooser)
    new MutationObserver(() => name(chooser)).observe(chooser, { childList: true, subtree: true })
  }
}
// They are made when the page is ready, or when somebody adds a row.
document.addEventListener("DOMContentLoaded", () => setTimeout(watch))
for (const moment of ["load", "focusin"]) window.addEventListener(moment, watch)
// The search field of an open chooser hangs at the end of the page.
document.addEventListener("focusin", ({ target }) => {
  if (!target.matches(".select2-dropdown .select2-search__field")) return
  const open = document.querySelector(".select2-container--open")?.previousElementSibling
  const label = open?.id && document.querySelector(`label[for="${open.id}"]`)
  if (label) target.setAttribute("aria-label", label.textContent.trim())
})
