// A login that ended in the middle of writing: a frame asks for it again, and hands the new token to every form.
const dialog = document.getElementById("login-again")
const frame = dialog.querySelector("iframe")

export function askAgain() {
  frame.src = frame.dataset.src
  if (!dialog.open) dialog.showModal()
}

/** Calls `back` when this person is in again, and `stranger` when it is somebody else. */
export function whenBack(person, { back, stranger }) {
  frame.addEventListener("load", () => {
    const given = frame.contentDocument?.querySelector("[data-back]")
    if (!given) return
    dialog.close()
    if (given.dataset.person !== person) return stranger()
    for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = given.dataset.back
    back()
  })
}
dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close())
