// Many photos: each file gets a line with what it says of itself, then they go up one by one.
import { saidBy } from "desk/said"

const form = document.getElementById("bulk")
const words = form.dataset
const list = form.querySelector("[data-files]")
const picker = form.querySelector("input[type=file]")
const token = form.elements.csrfmiddlewaretoken.value
const waiting = new Map()
let done = 0
let all = 0

function add(file) {
  const line = document.getElementById("bulk-file").content.cloneNode(true).firstElementChild
  const part = (name) => line.querySelector(`[data-${name}]`)
  line.querySelector("img").src = URL.createObjectURL(file)
  part("name").textContent = file.name
  part("state").textContent = words.waits
  part("remove").addEventListener("click", () => {
    waiting.delete(line)
    line.remove()
    all -= 1
    picker.focus()
    sum()
  })
  part("keep-both").addEventListener("click", () => send(line, { keep_both: "on" }))
  const held = { file, kind: "" }
  waiting.set(line, held)
  list.append(line)
  all += 1
  held.told = saidBy(file, words.told, token).then((told) => {
    held.kind = told.kind ?? ""
    for (const [name, said] of Object.entries(told)) {
      const field = line.querySelector(`[data-field="${name}"]`)
      if (field && !field.value) field.value = said
    }
  })
}

async function send(line, more = {}) {
  const part = (name) => line.querySelector(`[data-${name}]`)
  const held = waiting.get(line)
  if (!held) return // taken off while others went up
  await held.told // whoever presses at once sends what the file says, too
  const { file, kind } = held
  const body = new FormData(form)
  body.set("file", file, file.name)
  body.set("seen", "on")
  if (kind) body.set("kind", kind)
  for (const [name, value] of Object.entries(more)) body.set(name, value)
  for (const field of line.querySelectorAll("[data-field]")) {
    if (field.value || !body.get(field.dataset.field)) body.set(field.dataset.field, field.value)
  }
  part("state").textContent = words.sends
  const answer = await post(body, (share) => (line.querySelector("progress").value = share))
  const twin = answer.twin
  part("keep-both").hidden = !twin
  const entry = (answer.photo ?? twin)?.edit
  part("entry").hidden = !entry
  if (entry) part("entry").href = entry
  part("state").textContent = answer.photo ? words.made : answer.errors ? said(answer.errors) : words.failed
  if (!answer.photo) return
  done += 1
  waiting.delete(line)
  part("remove").hidden = true
  line.querySelector("fieldset").disabled = true
  sum()
}

function post(body, progress) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest()
    request.open("POST", form.action || location.href)
    request.setRequestHeader("Accept", "application/json")
    request.responseType = "json"
    request.upload.addEventListener("progress", (event) => progress(event.loaded / event.total))
    request.addEventListener("loadend", () => resolve(request.response ?? {}))
    request.send(body)
  })
}

function said(errors) {
  return Object.values(errors).flat().join(" ")
}

function sum() {
  const line = form.querySelector("[data-sum]")
  line.textContent = all ? line.dataset.words.replace("{done}", done).replace("{all}", all) : ""
}

function take(files) {
  for (const file of files) if (file.type.startsWith("image/")) add(file)
  picker.value = ""
}

picker.required = false
picker.addEventListener("change", () => take([...picker.files]))
const place = form.querySelector("[data-drop]")
place.querySelector("[data-drop-help]").hidden = false
for (const name of ["dragover", "dragleave", "drop"]) {
  place.addEventListener(name, (event) => {
    event.preventDefault()
    place.toggleAttribute("data-over", name === "dragover")
    if (name === "drop") take([...event.dataTransfer.files])
  })
}
form.addEventListener("submit", async (event) => {
  event.preventDefault()
  const button = form.querySelector("button:not([type])")
  button.disabled = true
  for (const line of [...waiting.keys()]) await send(line)
  button.disabled = false
})
