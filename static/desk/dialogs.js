// Buttons that open a question, and those that close it again.
for (const opener of document.querySelectorAll("[data-opens]")) {
  opener.addEventListener("click", () => document.getElementById(opener.dataset.opens).showModal())
}
for (const closer of document.querySelectorAll("dialog:not(#photo-library) [data-close]")) {
  closer.addEventListener("click", () => closer.closest("dialog").close())
}
