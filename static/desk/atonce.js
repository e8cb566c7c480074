// A text that is given the focus has it at once, and with the selection that it had: whoever types on loses no key.
// The editor's own command waits for the next frame; a browser that closes a dialog puts the caret at the start, and
// says a moment later where the arrow keys have put it: a key that asks for something must not be answered before.
import { Extension, Plugin, resolveFocusPosition } from "django-prose-editor/editor"

// Later than the editor's own command, which it takes over.
export const AtOnce = Extension.create({
  name: "atOnce",
  priority: 10,

  addCommands() {
    return {
      focus:
        (position = null, { scrollIntoView = true } = {}) =>
        ({ view, tr, dispatch }) => {
          if (!dispatch || position === false || (position === null && view.hasFocus())) return true
          const wanted = resolveFocusPosition(tr.doc, position)
          if (wanted && !wanted.eq(tr.selection)) tr.setSelection(wanted)
          view.focus()
          if (scrollIntoView) tr.scrollIntoView()
          return true
        },
    }
  },

  addProseMirrorPlugins() {
    const focus = (view) => (view.focus(), false)
    const keydown = (view) => (view.composing || view.domObserver.flush(), false)
    return [new Plugin({ props: { handleDOMEvents: { focus, keydown } } })]
  },
})
