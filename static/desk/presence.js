// Says every twenty seconds that the form is open, and hears who else has it open. `form.dataset.attend` is the address.
const PRESENT = 20_000

const signed = (form) => {
  const body = new FormData()
  body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value)
  return body
}

export function attend(form, { heard, isOut, loggedOut }) {
  async function say() {
    if (!form.dataset.attend || isOut() || document.hidden) return
    try {
      const answer = await fetch(form.dataset.attend, { method: "POST", body: signed(form), redirect: "manual" })
      if (answer.type === "opaqueredirect") loggedOut()
      else if (answer.ok) heard(await answer.json())
    } catch {
      // Whoever writes is told by the form.
    }
  }
  setInterval(say, PRESENT)
  say()
  addEventListener("pagehide", () => {
    if (!form.dataset.attend) return
    const body = signed(form)
    body.set("leave", "")
    navigator.sendBeacon(form.dataset.attend, body)
  })
}

/** Who else is there, and who saved something newer than what this form began with. */
export function tell(form, words, said) {
  const place = document.querySelector("[data-others]")
  const lines = []
  if (said.others.length) lines.push(words.too.replace("%s", said.others.join(", ")))
  if (said.newestBy && said.newest > Number(form.elements.based_on.value)) lines.push(words.newer.replace("%s", said.newestBy))
  place.hidden = !lines.length
  if (place.textContent.trim() !== lines.join(" ")) place.textContent = lines.join(" ")
}
