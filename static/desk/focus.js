// Where the focus of the picture lies: said by a click or by the arrow keys; the cuts follow at once.
const SHAPES = { card: 3 / 2, lead: 16 / 10, square: 1 }
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }
const whole = document.querySelector("[data-focus]")
const fields = ["focus_x", "focus_y"].map((name) => document.querySelector(`[name=${name}]`))

if (whole) {
  const part = (name) => whole.querySelector(`[data-focus-${name}]`)
  const frame = part("frame")
  const picture = frame.querySelector("img")
  const point = part("point")
  const isWritable = fields.every(Boolean)
  const place = () => fields.map((field, axis) => inside(Number(field?.value || 0.5), axis))

  const say = (where) => {
    fields.forEach((field, axis) => (field.value = inside(where[axis]).toFixed(2)))
    fields[0].dispatchEvent(new Event("input", { bubbles: true }))
  }

  const draw = () => {
    const [x, y] = place()
    // From the left in every script: the picture does not turn with the text.
    point.style.left = `${x * 100}%`
    point.style.top = `${y * 100}%`
    const words = whole.dataset.words.replace("{x}", Math.round(x * 100)).replace("{y}", Math.round(y * 100))
    point.setAttribute("aria-label", words)
    for (const [name, shape] of Object.entries(SHAPES)) {
      const crop = whole.querySelector(`.focus__crop--${name}`)
      if (crop.getAttribute("src") !== picture.getAttribute("src")) crop.src = picture.src
      crop.style.objectPosition = position(picture.naturalWidth / picture.naturalHeight, shape, x, y)
    }
  }

  const begin = () => {
    whole.hidden = false
    point.hidden = part("help").hidden = !isWritable
    part("crops").hidden = false
    draw()
  }

  if (isWritable) {
    frame.addEventListener("click", (event) => {
      if (event.target === point) return
      const box = picture.getBoundingClientRect()
      say([(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height])
      point.focus()
    })
    point.addEventListener("keydown", (event) => {
      const step = ARROWS[event.key]
      if (!step) return
      event.preventDefault()
      const by = event.shiftKey ? 0.1 : 0.01
      say(place().map((where, axis) => where + step[axis] * by))
    })
    for (const field of fields) field.addEventListener("input", draw)
  }
  document.querySelector("input[type=file][name=file]")?.addEventListener("change", ({ target }) => {
    const [file] = target.files
    if (file) picture.src = URL.createObjectURL(file)
  })
  picture.addEventListener("load", begin)
  if (picture.complete && picture.naturalWidth) begin()
}

function inside(share) {
  return Math.min(1, Math.max(0, share))
}

/** As newsroom/pictures.py cuts: the focus in the middle, as near as the edges allow. */
function position(own, shape, x, y) {
  const along = (focus, kept) => (kept >= 1 ? 50 : (inside((focus - kept / 2) / (1 - kept)) * 100).toFixed(1))
  return own > shape ? `${along(x, shape / own)}% 50%` : `50% ${along(y, own / shape)}%`
}
