// Under the text: how long it is while one writes, and the keys that work in it.
import { whenReady } from "desk/ready"

const count = document.querySelector("[data-count]")
const opener = document.querySelector("button[data-shortcuts]")
const dialog = document.getElementById("shortcuts")
const isMac = /Mac|iPhone|iPad/.test(navigator.platform)
const SIGNS = { Mod: "⌘", Shift: "⇧", Alt: "⌥" }

// As articles/body/reading.py counts: a pull quote that repeats the text is not read twice, a note is read.
const folded = (text) => ` ${(text.replaceAll("’", "'").match(/[\p{L}\p{N}_'-]+/gu) ?? []).join(" ").toLowerCase()} `
const number = (text) => text.split(/\s+/).filter(Boolean).length

function wordsOf(doc, from = 0, to = doc.content.size) {
  const said = []
  const quotes = []
  doc.nodesBetween(from, to, (node, at, parent) => {
    if (node.type.name === "footnote") said.push(node.attrs.words)
    if (!node.isTextblock) return
    const start = Math.max(from, at + 1) - at - 1
    const text = node.textBetween(start, Math.min(to, at + 1 + node.content.size) - at - 1, " ", leaf)
    ;(parent.type.name === "pullQuote" ? quotes : said).push(text)
  })
  const body = folded(said.join(" "))
  return number([...said, ...quotes.filter((quote) => !body.includes(folded(quote)))].join(" "))
}
const leaf = (node) => (node.type.name === "hardBreak" ? " " : "")

function tell(editor) {
  const { doc, selection } = editor.state
  const words = wordsOf(doc)
  const chosen = selection.empty || selection.node ? 0 : wordsOf(doc, selection.from, selection.to)
  const minutes = Math.max(1, Math.round(words / Number(count.dataset.pace)))
  const line = (chosen ? count.dataset.chosen : count.dataset.words).replace("{chosen}", chosen)
  count.textContent = line.replace("{words}", words).replace("{minutes}", minutes)
}

const written = (keys) =>
  isMac ? keys.replace(/(Mod|Shift|Alt)-/g, (_all, name) => SIGNS[name]).toUpperCase() : null

function named(editor) {
  const menu = editor.view.dom.closest(".prose-editor").querySelector(".prose-menubar")
  for (const row of dialog.querySelectorAll("[data-tool]")) {
    const keys = row.querySelector("kbd")
    if (keys) keys.textContent = written(keys.dataset.keys) ?? keys.textContent
    const name = row.dataset.tool
    if (!name) continue
    const label = row.querySelector("th").textContent
    for (const button of menu.querySelectorAll(`[data-name="${name}"]`)) {
      if (button.matches(".prose-menubar__option")) button.firstElementChild.textContent = label
      else {
        button.title = keys ? `${label} (${keys.textContent})` : label
        button.setAttribute("aria-label", label)
      }
    }
  }
}

whenReady((editor) => {
  let pause
  const soon = () => {
    clearTimeout(pause)
    pause = setTimeout(() => tell(editor), 100)
  }
  editor.on("transaction", soon)
  tell(editor)
  // The editor says that it is ready before its buttons are there.
  setTimeout(() => named(editor))
  const open = () => dialog.open || dialog.showModal()
  opener.hidden = false
  opener.addEventListener("click", open)
  // Before the theme, which would open a list of its own.
  addEventListener(
    "keydown",
    (event) => {
      const isWriting = event.target.closest?.("input, textarea, select, [contenteditable=true], dialog[open]")
      const isAsked = event.key === "?" && !isWriting && !event.ctrlKey && !event.metaKey && !event.altKey
      if (!isAsked && !(event.key === "/" && (event.ctrlKey || event.metaKey))) return
      if (document.querySelector("dialog[open]:not(#shortcuts)")) return
      event.preventDefault()
      event.stopImmediatePropagation()
      open()
    },
    true,
  )
  dialog.addEventListener("close", () => document.activeElement === document.body && editor.commands.focus())
})
