// What stands beside the text: boxes, notes at its foot, and what is shown from elsewhere.
import { Node, updateAttrsDialog } from "django-prose-editor/editor"

const labels = document.getElementById("body-labels")?.dataset ?? {}
const hosts = new Set((labels.embedHosts ?? "").split(" "))

export const Callout = Node.create({
  name: "callout",
  group: "block",
  content: "(paragraph | heading | bulletList | orderedList)+",
  defining: true,

  parseHTML: () => [{ tag: "section[data-callout]" }],
  renderHTML: () => ["section", { "data-callout": "" }, 0],

  addKeyboardShortcuts() {
    return { "Mod-Alt-b": () => this.editor.commands.toggleWrap("callout") }
  },

  addMenuItems({ menu, buttons }) {
    menu.defineItem({
      name: "callout",
      groups: "nodes",
      priority: 85,
      button: buttons.material("featured_play_list", labels.callout ?? "Callout"),
      command: (editor) => editor.chain().focus().toggleWrap("callout").run(),
      active: (editor) => editor.isActive("callout"),
      enabled: (editor) => editor.can().toggleWrap("callout"),
    })
  },
})

// A note is one sign of the text; its words are written in a dialog, links and stress as in Markdown.
export const Footnote = Node.create({
  name: "footnote",
  group: "inline",
  inline: true,
  atom: true,
  selectable: true,

  addAttributes: () => ({ words: { default: "", parseHTML: written, renderHTML: () => ({}) } }),

  parseHTML: () => [{ tag: "span[data-footnote]" }],
  renderHTML: ({ node }) => ["span", { "data-footnote": "" }, ...marked(node.attrs.words)],

  addKeyboardShortcuts() {
    return { "Mod-Alt-f": () => mayHaveNote(this.editor) && (note(this.editor), true) }
  },

  addMenuItems({ menu, buttons }) {
    menu.defineItem({
      name: "footnote",
      groups: "nodes",
      priority: 80,
      button: buttons.material("sticky_note_2", labels.footnote ?? "Note"),
      command: note,
      active: (editor) => editor.isActive("footnote"),
      enabled: mayHaveNote,
    })
  },

  addNodeView() {
    return ({ node, editor, getPos }) => {
      const dom = Object.assign(document.createElement("button"), { type: "button", className: "note-node" })
      dom.textContent = `※ ${node.attrs.words}`
      dom.disabled = !editor.isEditable
      dom.addEventListener("click", () => editor.chain().setNodeSelection(getPos()).run() && note(editor))
      return { dom }
    }
  },
})

const mayHaveNote = (editor) =>
  !editor.isActive("pullQuote") && !editor.isActive("codeBlock") && editor.state.selection.$from.sameParent(editor.state.selection.$to)

/** Of the chosen note, or of a new one; chosen words become its words, and stay where they are if nothing is written. */
async function note(editor) {
  const { from, to, node } = editor.state.selection
  const isNew = node?.type.name !== "footnote"
  const words = isNew ? spoken(editor.state.doc.slice(from, to).content) : node.attrs.words
  const ask = updateAttrsDialog(
    { words: { title: labels.footnoteWords, description: labels.footnoteMarks, format: "textarea" } },
    { title: labels.footnote, submitText: labels.take },
  )
  const said = await ask(editor, { words })
  if (!said) return
  const text = said.words.trim()
  const content = text ? { type: "footnote", attrs: { words: text } } : ""
  editor.chain().focus().deleteRange({ from, to }).insertContentAt(from, content).run()
}

// The words of a note, and what they are in the document

const MARKUP = /\[([^\]]+)\]\(([^)\s]+)\)|\*\*([^*]+)\*\*|\*([^*]+)\*/g

function marked(words) {
  const out = []
  let place = 0
  for (const found of words.matchAll(MARKUP)) {
    out.push(words.slice(place, found.index))
    const [, text, href, strong, stress] = found
    if (text) out.push(["a", { href: safe(href) }, text])
    else out.push(strong ? ["strong", strong] : ["em", stress])
    place = found.index + found[0].length
  }
  out.push(words.slice(place))
  return out.filter((piece) => piece !== "")
}

const safe = (href) => (/^(https?:|mailto:|\/|#)/i.test(href) ? href : "")

const written = (element) =>
  [...element.childNodes]
    .map((child) => {
      const text = child.nodeType === 1 ? written(child) : child.textContent
      if (child.nodeName === "A") return `[${text}](${child.getAttribute("href") ?? ""})`
      if (child.nodeName === "STRONG") return `**${text}**`
      return child.nodeName === "EM" ? `*${text}*` : text
    })
    .join("")

function spoken(fragment) {
  let out = ""
  fragment.descendants((node) => {
    if (node.type.name === "footnote") out += node.attrs.words
    if (node.type.name === "hardBreak") out += " "
    if (!node.isText) return
    const named = Object.fromEntries(node.marks.map((mark) => [mark.type.name, mark]))
    let text = node.text
    if (named.italic) text = `*${text}*`
    if (named.bold) text = `**${text}**`
    out += named.link ? `[${text}](${named.link.attrs.href})` : text
  })
  return out.trim()
}

export const Embed = Node.create({
  name: "embed",
  group: "block",
  atom: true,
  draggable: true,

  addAttributes: () => ({
    address: {
      parseHTML: (element) => element.dataset.embed,
      renderHTML: ({ address }) => ({ "data-embed": address }),
    },
    title: {
      default: "",
      parseHTML: (element) => element.dataset.title ?? "",
      renderHTML: ({ title }) => (title ? { "data-title": title } : {}),
    },
  }),

  parseHTML: () => [{ tag: "figure[data-embed]" }],
  renderHTML: ({ HTMLAttributes }) => ["figure", HTMLAttributes],

  addKeyboardShortcuts() {
    return { "Mod-Alt-v": () => (embed(this.editor), true) }
  },

  addMenuItems({ menu, buttons }) {
    menu.defineItem({
      name: "embed",
      groups: "nodes",
      priority: 75,
      button: buttons.material("smart_display", labels.embed ?? "From elsewhere"),
      command: embed,
      active: (editor) => editor.isActive("embed"),
    })
  },

  addNodeView() {
    return ({ node, editor, getPos }) => {
      const dom = document.createElement("figure")
      dom.className = "embed-node"
      dom.append(Object.assign(document.createElement("strong"), { textContent: node.attrs.title || labels.embed }))
      dom.append(Object.assign(document.createElement("span"), { textContent: node.attrs.address }))
      dom.addEventListener("dblclick", () => editor.isEditable && editor.chain().setNodeSelection(getPos()).run() && embed(editor))
      return { dom }
    }
  },
})

async function embed(editor) {
  const { node, from, to } = editor.state.selection
  const old = node?.type.name === "embed" ? node.attrs : null
  const ask = updateAttrsDialog(
    {
      address: { title: labels.embedAddress, description: labels.embedKnown, required: true },
      title: { title: labels.embedTitle },
    },
    { title: labels.embed, submitText: labels.take },
  )
  const said = await ask(editor, old ?? {})
  const address = said && whole(said.address)
  if (!address) return
  const link = { type: "text", text: said.title || address, marks: [{ type: "link", attrs: { href: address } }] }
  const block = hosts.has(new URL(address).hostname.replace(/^www\./, ""))
    ? { type: "embed", attrs: { ...said, address } }
    : { type: "paragraph", content: [link] }
  if (old) editor.chain().focus().insertContentAt({ from, to }, block).run()
  else below(editor, block)
}

/** As it was copied, or with the https:// that people leave out; nothing for what no browser follows. */
function whole(typed) {
  const address = /^[a-z]+:/i.test(typed.trim()) ? typed.trim() : `https://${typed.trim()}`
  return URL.canParse(address) && /^https?:/.test(address) && new URL(address).hostname.includes(".") ? address : ""
}

/** A block goes below the one in which the cursor is: what is chosen there stays. */
export function below(editor, block) {
  const { $to } = editor.state.selection
  const here = $to.depth ? $to.node(1) : null
  const isEmpty = here?.type.name === "paragraph" && !here.content.size
  const place = isEmpty ? { from: $to.before(1), to: $to.after(1) } : $to.depth ? $to.after(1) : $to.pos
  editor.chain().focus().insertContentAt(place, [block, { type: "paragraph" }]).run()
}
