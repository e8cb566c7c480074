// A chooser whose order counts: what is chosen goes to the end, as its form will send it.
const $ = window.django.jQuery

$("select[data-ordered]").on("select2:select", (event) => {
  const option = event.params.data.element
  if (!option) return
  event.target.append(option)
  $(event.target).trigger("change")
})
