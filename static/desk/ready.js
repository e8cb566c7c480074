/** Calls back with the editor of the text and the field that it stands in for, whichever of the two is there first. */
export function whenReady(callback) {
  let isDone = false
  const once = (editor, textarea) => {
    if (isDone) return
    isDone = true
    callback(editor, textarea)
  }
  document.addEventListener("prose-editor:ready", ({ detail }) => once(detail.editor, detail.textarea))
  const there = document.querySelector(".tiptap.ProseMirror")?.editor
  if (there) once(there, there.view.dom.closest(".prose-editor").querySelector("textarea"))
}
