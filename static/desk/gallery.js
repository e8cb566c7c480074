// A gallery in the text: two to twelve photos, chosen in the library, put in order by buttons.
import { Node } from "django-prose-editor/editor"
import { below } from "desk/asides"
import { choosePhotos, photoById, show } from "desk/photos"

const labels = document.getElementById("body-labels")?.dataset ?? {}

export const Gallery = Node.create({
  name: "gallery",
  group: "block",
  atom: true,
  draggable: true,

  addAttributes: () => ({
    photos: {
      default: [],
      parseHTML: (element) => element.dataset.gallery.split(",").map(Number).filter(Boolean),
      renderHTML: ({ photos }) => ({ "data-gallery": photos.join(",") }),
    },
  }),

  parseHTML: () => [{ tag: "figure[data-gallery]" }],
  renderHTML: ({ HTMLAttributes }) => ["figure", HTMLAttributes],

  addKeyboardShortcuts() {
    return { "Mod-Alt-g": () => (insert(this.editor), true) }
  },

  addMenuItems({ menu, buttons }) {
    menu.defineItem({
      name: "gallery",
      groups: "nodes",
      priority: 94,
      button: buttons.material("photo_library", labels.gallery ?? "Gallery"),
      command: insert,
      active: (editor) => editor.isActive("gallery"),
    })
  },

  addNodeView() {
    return ({ node, editor, getPos }) => new GalleryView(node, editor, getPos)
  },
})

async function insert(editor) {
  const photos = await choosePhotos()
  if (!photos) return
  below(editor, { type: "gallery", attrs: { photos: photos.map((photo) => photo.id) } })
}

class GalleryView {
  constructor(node, editor, getPos) {
    this.editor = editor
    this.getPos = getPos
    this.dom = document.getElementById("gallery-tools").content.cloneNode(true).firstElementChild
    this.list = this.dom.querySelector("[data-photos]")
    this.dom.querySelector("[role=toolbar]").hidden = !editor.isEditable
    this.dom.querySelector("[data-remove]").addEventListener("click", () => this.remove())
    this.dom.querySelector("[data-change]").addEventListener("click", () => this.choose())
    this.update(node)
  }

  update(node) {
    if (node.type.name !== "gallery") return false
    const isSame = String(this.photos) === String(node.attrs.photos)
    this.photos = node.attrs.photos
    if (!isSame) this.list.replaceChildren(...this.photos.map((id, place) => this.tile(id, place)))
    return true
  }

  tile(id, place) {
    const tile = document.getElementById("gallery-photo").content.cloneNode(true).firstElementChild
    const part = (name) => tile.querySelector(`[data-${name}]`)
    tile.querySelector(".figure-node__tools").hidden = !this.editor.isEditable
    part("earlier").disabled = place === 0
    part("later").disabled = place === this.photos.length - 1
    part("off").disabled = this.photos.length < 3
    part("earlier").addEventListener("click", () => this.move(place, -1))
    part("later").addEventListener("click", () => this.move(place, 1))
    part("off").addEventListener("click", () => this.set(this.photos.filter((other) => other !== id), place, "off"))
    photoById(id)
      .catch(() => null)
      .then((photo) => (photo ? show(photo, tile) : (part("missing").textContent = labels.gone)))
    return tile
  }

  move(place, by) {
    const photos = [...this.photos]
    const [moved] = photos.splice(place, 1)
    photos.splice(place + by, 0, moved)
    this.set(photos, place + by, by < 0 ? "earlier" : "later")
  }

  /** The keyboard stays with the photo that was moved, or with what took its place. */
  set(photos, place, button) {
    const { view, state } = this.editor
    view.dispatch(state.tr.setNodeMarkup(this.getPos(), null, { photos }))
    const tile = this.list.children[Math.min(place, photos.length - 1)]
    const wanted = tile.querySelector(`[data-${button}]`)
    ;(wanted.disabled ? tile.querySelector("button:enabled") : wanted)?.focus()
  }

  async choose() {
    const already = await Promise.all(this.photos.map((id) => photoById(id).catch(() => null)))
    const photos = await choosePhotos(already.filter(Boolean))
    if (photos) this.set(photos.map((photo) => photo.id), 0, "later")
  }

  remove() {
    const at = this.getPos()
    this.editor.chain().focus().deleteRange({ from: at, to: at + 1 }).run()
  }

  stopEvent(event) {
    return Boolean(event.target.closest?.("button"))
  }

  ignoreMutation() {
    return true
  }
}
