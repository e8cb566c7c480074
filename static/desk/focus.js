// Clicking on the picture says where its focus lies.
const frame = document.querySelector("[data-focus]")
const [x, y] = ["focus_x", "focus_y"].map((name) => document.querySelector(`[name=${name}]`))

if (frame && x && y) {
  const point = frame.querySelector(".focus__point")
  const place = () => {
    point.style.insetInlineStart = `${x.value * 100}%`
    point.style.insetBlockStart = `${y.value * 100}%`
  }
  frame.addEventListener("click", (event) => {
    const box = frame.querySelector("img").getBoundingClientRect()
    x.value = ((event.clientX - box.left) / box.width).toFixed(2)
    y.value = ((event.clientY - box.top) / box.height).toFixed(2)
    x.dispatchEvent(new Event("input", { bubbles: true }))
    place()
  })
  for (const field of [x, y]) field.addEventListener("input", place)
  place()
}
