// The photo library in a dialog: one instance for the lead photo and for the figures of the text.
const dialog = document.getElementById("photo-library")
const part = (name) => dialog.querySelector(`[data-${name}]`)
const known = new Map()
let answer = null
let page = 1
let asked = 0

/** Resolves with the chosen photo, or with null when the dialog is closed. */
export function choosePhoto() {
  dialog.showModal()
  part("search").q.focus()
  look()
  return new Promise((resolve) => (answer = resolve))
}

/** A photo by its id; asked of the server once. */
export async function photoById(id) {
  if (!known.has(id)) await fetchPhotos(new URLSearchParams({ id }))
  return known.get(id) ?? null
}

/** Fills the picture and words of any element that shows a photo. */
export function show(photo, element) {
  const image = element.querySelector("img")
  image.src = photo.thumb
  image.alt = photo.alt
  element.querySelector("[data-caption]").textContent = photo.caption || photo.alt
  element.querySelector("[data-credit]").textContent = photo.credit
  const missing = element.querySelector("[data-missing]")
  if (missing) missing.textContent = photo.missing.length ? `${dialog.dataset.missing}: ${photo.missing.join(", ")}` : ""
}

async function fetchPhotos(query) {
  const response = await fetch(`${dialog.dataset.url}?${query}`, { headers: { Accept: "application/json" } })
  if (!response.ok) throw new Error(response.status)
  const found = await response.json()
  for (const photo of found.photos) known.set(photo.id, photo)
  return found
}

async function look(wanted = 1) {
  const turn = ++asked
  page = wanted
  part("failed").hidden = true
  try {
    const found = await fetchPhotos(new URLSearchParams({ q: part("search").q.value, page }))
    if (turn !== asked) return
    if (page === 1) part("grid").replaceChildren()
    part("grid").append(...found.photos.map(tile))
    part("more").hidden = !found.more
    part("none").hidden = found.photos.length > 0
  } catch {
    part("failed").hidden = false
  }
}

function tile(photo) {
  const item = document.getElementById("library-photo").content.cloneNode(true).firstElementChild
  show(photo, item)
  item.querySelector("button").addEventListener("click", () => choose(photo))
  return item
}

function choose(photo) {
  known.set(photo.id, photo)
  answer?.(photo)
  answer = null
  dialog.close()
}

async function upload(event) {
  event.preventDefault()
  const form = event.target
  const button = form.querySelector("button")
  button.disabled = true
  for (const line of form.querySelectorAll("[data-error]")) line.textContent = ""
  try {
    const response = await fetch(dialog.dataset.url, { method: "POST", body: new FormData(form) })
    const said = await response.json()
    if (response.ok) {
      form.reset()
      choose(said.photo)
    }
    for (const [field, sentences] of Object.entries(said.errors ?? {})) {
      const line = form.querySelector(`[data-error="${field}"]`) ?? form.querySelector('[data-error="__all__"]')
      line.textContent = sentences.join(" ")
    }
  } catch {
    form.querySelector('[data-error="__all__"]').textContent = part("failed").textContent
  } finally {
    button.disabled = false
  }
}

if (dialog) {
  let pause
  part("search").addEventListener("input", () => {
    clearTimeout(pause)
    pause = setTimeout(look, 250)
  })
  part("search").addEventListener("submit", (event) => {
    event.preventDefault()
    look()
  })
  part("more").addEventListener("click", () => look(page + 1))
  part("close").addEventListener("click", () => dialog.close())
  part("upload")?.addEventListener("submit", upload)
  dialog.addEventListener("close", () => {
    answer?.(null)
    answer = null
  })
}
