// The field of a single photo.
import { choosePhoto, show } from "desk/photos"

for (const picker of document.querySelectorAll("[data-picker]")) {
  const input = picker.querySelector("input")
  const chosen = picker.querySelector("[data-chosen]")
  const remove = picker.querySelector("[data-remove]")
  const edit = picker.querySelector("[data-edit]")

  const take = (photo) => {
    input.value = photo?.id ?? ""
    chosen.hidden = remove.hidden = edit.hidden = !photo
    edit.href = photo?.edit ?? ""
    if (photo) show(photo, picker)
    input.dispatchEvent(new Event("input", { bubbles: true }))
  }

  picker.querySelector("[data-choose]")?.addEventListener("click", async (event) => {
    const photo = await choosePhoto()
    if (photo) take(photo)
    event.target.focus()
  })
  remove?.addEventListener("click", () => take(null))
}
