// From a line of the check-list, or of what was refused, to what it speaks of, and copies of links. The anchors work without this.
const focusable = "input:not([type=hidden]), textarea, select, button, [contenteditable=true], [tabindex]"

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-field]")
  const place = link && document.querySelector(`.desk-field--${link.dataset.field}`)
  const goal = [...(place?.querySelectorAll(focusable) ?? [])].find((found) => found.checkVisibility())
  if (!goal) return
  event.preventDefault()
  place.scrollIntoView({ block: "center" })
  goal.focus({ preventScroll: true })
})

// What was wrong with a choice is no longer said once another one is made.
document.addEventListener("change", ({ target }) => {
  if (target.matches("select, [type=hidden]")) target.closest(".desk-field")?.querySelector(".desk-error")?.remove()
})

for (const button of document.querySelectorAll("[data-copies]")) {
  button.hidden = !navigator.clipboard
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copies)
    await navigator.clipboard.writeText(source.value)
    source.select()
    button.textContent = button.dataset.done
  })
}
