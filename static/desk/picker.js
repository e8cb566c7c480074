// The field of a single photo. Heard from the page itself: a form may get more of them while it is open.
import { choosePhoto, photoById, show } from "desk/photos"

function take(picker, photo) {
  const input = picker.querySelector("input")
  const [chosen, remove, edit] = ["chosen", "remove", "edit"].map((name) => picker.querySelector(`[data-${name}]`))
  input.value = photo?.id ?? ""
  chosen.hidden = remove.hidden = edit.hidden = !photo
  edit.href = photo?.edit ?? ""
  if (photo) show(photo, picker)
  input.dispatchEvent(new Event("input", { bubbles: true }))
}

document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-picker] :is([data-choose], [data-remove])")
  if (!button) return
  const picker = button.closest("[data-picker]")
  if ("remove" in button.dataset) return take(picker, null)
  const photo = await choosePhoto()
  if (photo) take(picker, photo)
  button.focus()
})

// Whoever comes back from the entry of a photo sees what was written there.
document.addEventListener("visibilitychange", async () => {
  if (document.hidden) return
  for (const picker of document.querySelectorAll("[data-picker]")) {
    const id = Number(picker.querySelector("input").value)
    const photo = id && (await photoById(id, { anew: true }).catch(() => null))
    if (photo) show(photo, picker)
  }
})
