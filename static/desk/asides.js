// What stands beside the text: callouts, notes at its foot, and what is shown from elsewhere.
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

  addMenuItems({ menu, buttons }) {
    menu.defineItem({
      name: "callout",
      groups: "nodes",
      priority: 85,
      button: buttons.material("info", labels.callout ?? "Callout"),
      command: (editor) => editor.chain().focus().toggleWrap("callout").run(),
      active: (editor) => editor.isActive("callout"),
      enabled: (editor) => editor.can().toggleWrap("callout"),
    })
  },
})

export const Footnote = Node.create({
  name: "footnote",
  group: "inline",
  inline: true,
  content: "text*",
  isolating: true,

  parseHTML: () => [{ tag: "span[data-footnote]" }],
  renderHTML: () => ["span", { "data-footnote": "" }, 0],

  addKeyboardShortcuts() {
    return { "Mod-Alt-f": () => note(this.editor) }
  },

  addMenuItems({ menu, buttons }) {
    menu.defineItem({
      name: "footnote",
      groups: "nodes",
      priority: 80,
      button: buttons.material("superscript", labels.footnote ?? "Note"),
      command: note,
      active: (editor) => editor.isActive("footnote"),
      enabled: (editor) => !editor.isActive("footnote") && !editor.isActive("pullQuote"),
    })
  },
})

/** The selected words become a note; without a selection, an empty one is begun, and one writes in it. */
function note(editor) {
  const { from, to, empty } = editor.state.selection
  const words = editor.state.doc.textBetween(from, to, " ") || " "
  const node = { type: "footnote", content: [{ type: "text", text: words }] }
  const chain = editor.chain().focus().insertContentAt({ from, to }, node)
  return (empty ? chain.setTextSelection({ from: from + 1, to: from + 2 }) : chain).run()
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

  addMenuItems({ menu, buttons }) {
    menu.defineItem({
      name: "embed",
      groups: "nodes",
      priority: 75,
      button: buttons.material("smart_display", labels.embed ?? "From elsewhere"),
      command: insert,
      active: (editor) => editor.isActive("embed"),
    })
  },

  addNodeView() {
    return ({ node }) => {
      const dom = document.createElement("figure")
      dom.className = "embed-node"
      dom.append(Object.assign(document.createElement("strong"), { textContent: node.attrs.title || labels.embed }))
      dom.append(Object.assign(document.createElement("span"), { textContent: node.attrs.address }))
      return { dom }
    }
  },
})

async function insert(editor) {
  const ask = updateAttrsDialog(
    {
      address: { title: labels.embedAddress, description: labels.embedKnown, format: "url", required: true },
      title: { title: labels.embedTitle },
    },
    { title: labels.embed },
  )
  const said = await ask(editor, editor.isActive("embed") ? editor.getAttributes("embed") : {})
  if (!said || !URL.canParse(said.address)) return
  const host = new URL(said.address).hostname.replace(/^www\./, "")
  const link = { type: "text", text: said.title || said.address, marks: [{ type: "link", attrs: { href: said.address } }] }
  const block = hosts.has(host) ? { type: "embed", attrs: said } : { type: "paragraph", content: [link] }
  editor.chain().focus().insertContent([block, { type: "paragraph" }]).run()
}
