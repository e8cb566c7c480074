// Fills the empty fields of a form with what the chosen file says, for somebody to look at before it is saved.
import { saidBy } from "desk/said"

for (const input of document.querySelectorAll("input[type=file][data-told]")) {
  input.addEventListener("change", async () => {
    const [file] = input.files
    if (!file) return
    const told = await saidBy(file, input.dataset.told, input.form.elements.csrfmiddlewaretoken.value)
    const filled = Object.entries(told).filter(([name, words]) => suggest(input.form.elements[name], words))
    if (filled.length) note(input)
  })
}

function note(input) {
  const words = Object.assign(document.createElement("p"), { className: "desk-help", textContent: input.dataset.toldWords })
  words.setAttribute("role", "status")
  input.form.querySelector("[data-told-note]")?.remove()
  words.dataset.toldNote = ""
  const place = input.closest("[class*=field-], .library__field") ?? input
  place.after(words)
}

/** Says whether it did. */
function suggest(field, words) {
  const isUntouched = field?.tagName === "SELECT" ? field.options[field.selectedIndex].defaultSelected : field?.value === ""
  if (!isUntouched) return false
  field.value = words
  field.dataset.suggested = ""
  field.addEventListener("input", () => delete field.dataset.suggested, { once: true })
  return true
}
