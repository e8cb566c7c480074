// Only the text, on the whole screen. The buttons of the form stay: one can save, and sees what is saved.
import { Extension } from "django-prose-editor/editor"

const labels = document.getElementById("body-labels")?.dataset ?? {}
const isWhole = () => document.documentElement.classList.contains("is-whole")

function toggle(editor) {
  const on = document.documentElement.classList.toggle("is-whole")
  editor.view.dom.closest(".prose-editor").querySelector("[data-name=whole]")?.setAttribute("aria-pressed", on)
  editor.chain().focus().scrollIntoView().run()
  editor.view.dispatch(editor.state.tr)
  return true
}

export const Whole = Extension.create({
  name: "whole",

  addKeyboardShortcuts() {
    return {
      "Mod-Shift-f": () => toggle(this.editor),
      Escape: () => isWhole() && toggle(this.editor),
    }
  },

  addMenuItems({ menu, buttons }) {
    menu.defineItem({
      name: "whole",
      groups: "utility",
      button: buttons.material("fullscreen", labels.whole ?? "Only the text"),
      command: toggle,
      active: isWhole,
    })
  },
})
