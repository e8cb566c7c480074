// From a line of the check-list, or of what was refused, to what it speaks of, and copies of links. The anchors work without this.
const focusable = "input:not([type=hidden]), textarea, select, button, [contenteditable=true], [tabindex]"

for (const link of document.querySelectorAll("a[data-field]")) {
  link.addEventListener("click", (event) => {
    const place = document.querySelector(`.desk-field--${link.dataset.field}`)
    const goal = [...(place?.querySelectorAll(focusable) ?? [])].find((found) => found.checkVisibility())
    if (!goal) return
    event.preventDefault()
    place.scrollIntoView({ block: "center" })
    goal.focus({ preventScroll: true })
  })
}

for (const button of document.querySelectorAll("[data-copies]")) {
  button.hidden = !navigator.clipboard
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copies)
    await navigator.clipboard.writeText(source.value)
    source.select()
    button.textContent = button.dataset.done
  })
}
