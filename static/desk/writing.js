// What makes the article form pleasant: nothing here is needed to save.
import { whenReady } from "desk/ready"

const form = document.querySelector("[data-writing]")
const dialogs = (id) => document.getElementById(id)

// The preview
const preview = dialogs("preview")
for (const button of preview?.querySelectorAll("[data-look-width]") ?? []) {
  button.addEventListener("click", () => (preview.dataset.width = button.dataset.lookWidth))
}
if (preview && "open" in preview.dataset) {
  preview.showModal()
  history.replaceState(null, "", location.pathname)
}
// A form that came back belongs to the article that it made: loading the page again must not make a second one.
if (form.action !== location.href.split(/[?#]/)[0]) history.replaceState(null, "", form.action)

// Text that is not saved yet is not left by accident, and a double click sends it once.
let unsaved = "unsaved" in form.dataset
let sent = false
form.addEventListener("input", () => (unsaved = true))
form.addEventListener("submit", (event) => {
  if (sent) event.preventDefault()
  sent = true
})
window.addEventListener("pageshow", () => (sent = false))
window.addEventListener("beforeunload", (event) => {
  if (unsaved && !sent) event.preventDefault()
})
document.addEventListener("keydown", (event) => {
  if (event.key !== "s" || event.shiftKey || !(event.ctrlKey || event.metaKey)) return
  event.preventDefault()
  form.querySelector("[name=_save]")?.click()
})

// The address follows the headline of a new article, until somebody writes it by hand.
const { title, slug } = form.elements
if ("new" in form.dataset) {
  let made = slug.value
  title.addEventListener("input", () => {
    if (slug.value !== made) return
    slug.value = made = title.value
      .normalize("NFKD")
      .replace(/\p{M}/gu, "")
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .slice(0, 72)
      .replace(/^-+|-+$/g, "")
  })
}

// The editor is not a form control: it takes its name and its errors from the field that it stands in for.
whenReady((editor, textarea) => {
  const text = editor.view.dom
  text.setAttribute("role", "textbox")
  text.setAttribute("aria-multiline", "true")
  text.setAttribute("aria-labelledby", `${textarea.id}_label`)
  const described = textarea.getAttribute("aria-describedby")
  if (described) text.setAttribute("aria-describedby", described)
  for (const link of document.querySelectorAll(`a[href="#${textarea.id}"], label[for="${textarea.id}"]`)) {
    link.addEventListener("click", () => editor.commands.focus())
  }
})
