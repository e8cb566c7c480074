// Buttons that open a question, and those that close it again.
for (const opener of document.querySelectorAll("[data-opens]")) {
  opener.addEventListener("click", () => document.getElementById(opener.dataset.opens).showModal())
}
for (const closer of document.querySelectorAll("dialog:not(#photo-library) [data-close]")) {
  closer.addEventListener("click", () => closer.closest("dialog").close())
}
// What the server asks stands open without script; with it, nothing else can be pressed before the answer.
for (const asked of document.querySelectorAll("dialog.ask[open]")) {
  asked.close()
  asked.showModal()
}
