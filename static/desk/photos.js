// The photo library in a dialog: one instance for the lead photo, the figures and the galleries of the text.
import { onUpload } from "desk/upload"

const MOST = 12
const dialog = document.getElementById("photo-library")
const part = (name) => dialog.querySelector(`[data-${name}]`)
const known = new Map()
let answer = null
let chosen = null // in their order, where several are chosen
let page = 1
let asked = 0

/** Resolves with the chosen photo, or with null when the dialog is closed. */
export function choosePhoto() {
  return open(null)
}

/** Resolves with two to twelve photos in the order in which they were chosen, or with null. */
export function choosePhotos(already = []) {
  return open(already)
}

function open(several) {
  chosen = several
  part("several").hidden = !several
  // Whoever uploaded one before looks for another now.
  part("upload")?.closest("details").removeAttribute("open")
  dialog.showModal()
  part("search").q.focus()
  count()
  look()
  return new Promise((resolve) => (answer = resolve))
}

/** A photo by its id; asked of the server once, or anew. */
export async function photoById(id, { anew = false } = {}) {
  if (anew || !known.has(id)) await fetchPhotos(new URLSearchParams({ id }))
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
  const wanted = photo.missing.length ? [`${dialog.dataset.missing}: ${photo.missing.join(", ")}.`] : []
  if (missing) missing.textContent = [...wanted, ...photo.warnings].join(" ")
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
  waiting(true)
  part("failed").hidden = true
  const query = new URLSearchParams(new FormData(part("search")))
  query.set("page", page)
  try {
    const found = await fetchPhotos(query)
    if (turn !== asked) return
    if (page === 1) part("grid").replaceChildren()
    part("grid").append(...found.photos.map(tile))
    part("more").hidden = !found.more
    part("none").hidden = found.photos.length > 0
  } catch {
    if (turn === asked) part("failed").hidden = false
  } finally {
    if (turn === asked) waiting(false)
  }
}

/** What is shown is not yet what was asked for. */
const waiting = (is) => part("grid").setAttribute("aria-busy", is)

function tile(photo) {
  const item = document.getElementById("library-photo").content.cloneNode(true).firstElementChild
  const button = item.querySelector("button")
  show(photo, item)
  if (chosen) button.setAttribute("aria-pressed", has(photo))
  button.addEventListener("click", () => {
    choose(photo)
    if (chosen) button.setAttribute("aria-pressed", has(photo))
  })
  return item
}

function choose(photo) {
  known.set(photo.id, photo)
  if (!chosen) return finish(photo)
  if (has(photo)) chosen = chosen.filter((other) => other.id !== photo.id)
  else if (chosen.length < MOST) chosen = [...chosen, photo]
  count()
}

function has(photo) {
  return chosen.some((other) => other.id === photo.id)
}

function count() {
  if (!chosen) return
  part("use").disabled = chosen.length < 2
  const { words, none } = part("count").dataset
  const names = chosen.map((photo) => photo.caption || photo.alt).join(" · ")
  const line = words.replace("{number}", chosen.length).replace("{names}", () => names)
  part("count").textContent = chosen.length ? line : none
}

function finish(found) {
  answer?.(found)
  answer = null
  if (dialog.open) dialog.close()
}

if (dialog) {
  let pause
  part("search").addEventListener("input", () => {
    clearTimeout(pause)
    waiting(true)
    pause = setTimeout(look, 250)
  })
  part("search").addEventListener("submit", (event) => {
    event.preventDefault()
    look()
  })
  part("more").addEventListener("click", () => look(page + 1))
  part("close").addEventListener("click", () => dialog.close())
  part("use").addEventListener("click", () => finish(chosen))
  // It is told a moment later: by then somebody may have opened it again.
  dialog.addEventListener("close", () => dialog.open || finish(null))
  const upload = part("upload")
  if (upload) {
    onUpload(upload, { url: dialog.dataset.url, silence: part("failed").textContent }, (photo) => {
      choose(photo)
      if (chosen) look()
    })
  }
}
