// The house's own nodes of the text; articles/body/dialect.py names the same markup for the sanitizer.
import { Node, mergeAttributes } from "django-prose-editor/editor"
import { choosePhoto, photoById, show } from "desk/photos"
import { below } from "desk/asides"

const WIDTHS = ["text", "wide", "full"]
const labels = document.getElementById("body-labels")?.dataset ?? {}

export const PullQuote = Node.create({
  name: "pullQuote",
  group: "block",
  content: "paragraph+",
  defining: true,

  parseHTML: () => [{ tag: "aside[data-pullquote]" }],
  renderHTML: () => ["aside", { "data-pullquote": "" }, 0],

  addKeyboardShortcuts() {
    return { "Mod-Alt-u": () => this.editor.commands.toggleWrap("pullQuote") }
  },

  addMenuItems({ menu, buttons }) {
    menu.defineItem({
      name: "pullQuote",
      groups: "nodes",
      priority: 90,
      button: buttons.material("campaign", labels.pullQuote ?? "Pull quote"),
      command: (editor) => editor.chain().focus().toggleWrap("pullQuote").run(),
      active: (editor) => editor.isActive("pullQuote"),
      enabled: (editor) => editor.can().toggleWrap("pullQuote"),
    })
  },
})

export const PhotoFigure = Node.create({
  name: "photoFigure",
  group: "block",
  atom: true,
  draggable: true,

  addAttributes: () => ({
    photo: {
      parseHTML: (element) => Number(element.dataset.photo),
      renderHTML: ({ photo }) => ({ "data-photo": photo }),
    },
    width: {
      default: "text",
      parseHTML: (element) => (WIDTHS.includes(element.dataset.width) ? element.dataset.width : "text"),
      renderHTML: ({ width }) => ({ "data-width": width }),
    },
  }),

  parseHTML: () => [{ tag: "figure[data-photo]" }],
  renderHTML: ({ HTMLAttributes }) => ["figure", mergeAttributes(HTMLAttributes)],

  addKeyboardShortcuts() {
    return { "Mod-Alt-p": () => (insert(this.editor), true) }
  },

  addMenuItems({ menu, buttons }) {
    menu.defineItem({
      name: "photoFigure",
      groups: "nodes",
      priority: 95,
      button: buttons.material("add_photo_alternate", labels.photo ?? "Photo"),
      command: insert,
      active: (editor) => editor.isActive("photoFigure"),
    })
  },

  addNodeView() {
    return ({ node, editor, getPos }) => new FigureView(node, editor, getPos)
  },
})

async function insert(editor) {
  const photo = await choosePhoto()
  if (!photo) return
  // The paragraph after it is where one goes on writing; a body must never be a figure alone.
  below(editor, { type: "photoFigure", attrs: { photo: photo.id } })
}

class FigureView {
  constructor(node, editor, getPos) {
    this.dom = document.getElementById("figure-tools").content.cloneNode(true).firstElementChild
    this.dom.querySelector("[role=toolbar]").hidden = !editor.isEditable
    const change = (attrs) => {
      const at = getPos()
      editor.view.dispatch(editor.state.tr.setNodeMarkup(at, null, { ...this.node.attrs, ...attrs }))
    }
    for (const button of this.dom.querySelectorAll("[data-set-width]")) {
      button.addEventListener("click", () => change({ width: button.dataset.setWidth }))
    }
    this.dom.querySelector("[data-change]").addEventListener("click", async () => {
      const photo = await choosePhoto()
      if (photo) change({ photo: photo.id })
    })
    this.dom.querySelector("[data-remove]").addEventListener("click", () => {
      editor.chain().focus().deleteRange({ from: getPos(), to: getPos() + 1 }).run()
    })
    this.update(node)
  }

  update(node) {
    if (node.type.name !== "photoFigure") return false
    if (this.node?.attrs.photo !== node.attrs.photo) this.fill(node.attrs.photo)
    this.node = node
    this.dom.dataset.width = node.attrs.width
    for (const button of this.dom.querySelectorAll("[data-set-width]")) {
      button.setAttribute("aria-pressed", button.dataset.setWidth === node.attrs.width)
    }
    return true
  }

  async fill(id) {
    const photo = await photoById(id).catch(() => null)
    if (photo) show(photo, this.dom)
    else this.dom.querySelector("[data-missing]").textContent = labels.gone
  }

  stopEvent(event) {
    return Boolean(event.target.closest?.("[role=toolbar]"))
  }

  ignoreMutation() {
    return true
  }
}
