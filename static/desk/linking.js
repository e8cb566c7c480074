// A link leads to an address, or to an article of ours that is found by its words.
import { Extension, updateAttrsDialog } from "django-prose-editor/editor"

const labels = document.getElementById("body-labels")?.dataset ?? {}
const dialog = document.getElementById("link-chooser")
const part = (name) => dialog.querySelector(`[data-${name}]`)
const form = dialog?.querySelector("form")
let answer = null
let asked = 0
let pause

// Later than the editor's own link, whose button and key it takes over.
export const Linking = Extension.create({
  name: "linking",
  priority: 10,

  addCommands() {
    return { addLink: () => ({ editor }) => mayLink(editor) && (link(editor), true) }
  },

  addMenuItems({ menu, buttons }) {
    menu.defineItem({
      name: "link",
      groups: "link",
      button: buttons.material("insert_link", labels.link ?? "Link"),
      command: (editor) => editor.commands.addLink(),
      enabled: mayLink,
      active: (editor) => editor.isActive("link"),
    })
  },
})

const mayLink = (editor) =>
  !editor.isActive("codeBlock") && editor.state.selection.$from.sameParent(editor.state.selection.$to)

async function link(editor) {
  const old = editor.getAttributes("link").href ?? ""
  const { from, to, empty } = editor.state.selection
  const said = await (dialog ? choose(old, empty && !old) : plain(editor, old))
  // At once, and with the selection as it was: a browser that takes focus back to a text puts the caret at its start.
  editor.view.focus()
  if (!said) return
  const chain = editor.chain().setTextSelection({ from, to })
  if (!said.href) chain.extendMarkRange("link").unsetLink().run()
  else if (old) chain.extendMarkRange("link").setLink({ href: said.href }).run()
  else if (empty) {
    const marks = [{ type: "link", attrs: { href: said.href } }]
    chain.insertContentAt(from, { type: "text", text: said.words || said.href, marks }).unsetMark("link").run()
  } else chain.setLink({ href: said.href }).run()
}

/** Without a network there is no dialog of ours, and nothing is found. */
async function plain(editor, old) {
  const ask = updateAttrsDialog({ href: { title: labels.linkAddress } }, { title: labels.link, submitText: labels.take })
  const said = await ask(editor, { href: old })
  return said && { href: whole(said.href), words: "" }
}

/** Resolves with an address and the words that are linked; with no address, to take it off; with null, to leave it. */
function choose(old, needsWords) {
  forget()
  form.reset()
  form.elements.to.value = old
  part("words").hidden = !needsWords
  part("off").hidden = !old
  part("results").replaceChildren()
  say("")
  dialog.showModal()
  form.elements.to.select()
  return new Promise((resolve) => (answer = resolve))
}

const say = (words) => (part("status").textContent = words)

/** As it was typed, with what people leave out; nothing for what is no address. Ours is told without its host. */
function whole(typed) {
  const said = typed.trim()
  if (/^(mailto:|[/#])/i.test(said)) return said
  if (/^[^\s@/]+@[^\s@/]+\.[^\s@/]+$/.test(said)) return `mailto:${said}`
  const isAddress = /^https?:\/\/\S+$/i.test(said) || /^[\p{L}\d-]+(\.[\p{L}\d-]+)+([/?#]\S*)?$/u.test(said)
  const address = /^https?:/i.test(said) ? said : `https://${said}`
  if (!isAddress || !URL.canParse(address)) return ""
  const { origin, pathname, search, hash } = new URL(address)
  return origin === location.origin ? pathname + search + hash : address
}

async function look() {
  const turn = ++asked
  const words = form.elements.to.value.trim()
  if (whole(words) || words.length < 2) {
    part("results").replaceChildren()
    return say("")
  }
  try {
    const response = await fetch(`${dialog.dataset.url}?${new URLSearchParams({ q: words })}`)
    if (!response.ok) throw new Error(response.status)
    const { articles } = await response.json()
    if (turn !== asked) return
    // Whoever was on their way through what was found before goes on from the words.
    if (part("results").contains(document.activeElement)) form.elements.to.focus()
    part("results").replaceChildren(...articles.map(line))
    say(articles.length ? dialog.dataset.found.replace("{number}", articles.length) : dialog.dataset.none)
  } catch {
    if (turn === asked) say(dialog.dataset.failed)
  }
}

/** What was asked is not wanted any more. */
function forget() {
  clearTimeout(pause)
  asked += 1
}

function line(article) {
  const item = document.getElementById("linkable").content.cloneNode(true).firstElementChild
  item.querySelector("strong").textContent = article.title
  item.querySelector("small").textContent = `${article.stands} ${article.address}`
  const button = item.querySelector("button")
  button.disabled = !article.address
  button.addEventListener("click", () => finish({ href: article.address, words: form.elements.words.value || article.title }))
  return item
}

function finish(said) {
  answer?.(said)
  answer = null
  if (dialog.open) dialog.close()
}

if (dialog) {
  form.elements.to.addEventListener("input", () => {
    clearTimeout(pause)
    pause = setTimeout(look, 200)
  })
  form.addEventListener("submit", (event) => {
    event.preventDefault()
    const href = whole(form.elements.to.value)
    if (href.startsWith("/admin/")) say(dialog.dataset.desk)
    else if (href) finish({ href, words: form.elements.words.value })
    else {
      say(dialog.dataset.neither)
      part("results").querySelector("button")?.focus()
    }
  })
  dialog.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (!step || event.target === form.elements.words) return
    const stops = [form.elements.to, ...part("results").querySelectorAll("button:enabled")]
    const next = stops[stops.indexOf(document.activeElement) + step]
    if (!next) return
    event.preventDefault()
    next.focus()
  })
  part("off").addEventListener("click", () => finish({ href: "", words: "" }))
  part("close").addEventListener("click", () => dialog.close())
  // It is told a moment later: by then somebody may have opened it again.
  dialog.addEventListener("close", () => dialog.open || finish(null))
}
