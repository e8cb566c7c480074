// The form of a new photo in the library: what is wrong with it is said beside its field.

/** `take` gets each photo that is uploaded, or that the library had already. */
export function onUpload(form, { url, silence }, take) {
  const part = (name) => form.querySelector(`[data-${name}]`)
  const line = (field) => form.querySelector(`[data-error="${field}"]`) ?? form.querySelector('[data-error="__all__"]')
  let twin = null

  const done = (photo) => {
    form.reset()
    part("told-note")?.remove()
    silent()
    take(photo)
  }

  const silent = () => {
    for (const said of form.querySelectorAll("[data-error]")) said.textContent = ""
    part("twin").hidden = true
  }

  const send = async (more = {}) => {
    const button = form.querySelector("button:not([type])")
    button.disabled = true
    silent()
    const body = new FormData(form)
    for (const [name, value] of Object.entries(more)) body.set(name, value)
    try {
      const response = await fetch(url, { method: "POST", body })
      const said = await response.json()
      if (response.ok) return done(said.photo)
      for (const [field, sentences] of Object.entries(said.errors ?? {})) line(field).textContent = sentences.join(" ")
      twin = said.twin
      part("twin").hidden = !twin
    } catch {
      line("__all__").textContent = silence
    } finally {
      button.disabled = false
    }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault()
    send()
  })
  part("use-twin").addEventListener("click", () => done(twin))
  part("keep-both").addEventListener("click", () => send({ keep_both: "on" }))
}
