// How the article looks in search results and under a shared link, as it is typed.
const looks = document.querySelector("[data-elsewhere]")
const form = looks.closest("form")
const fields = form.elements
const { site, magazine, wordsUntitled, wordsFits, wordsLong } = looks.dataset
// Where search engines commonly cut.
const LENGTHS = { search_title: 60, search_description: 160 }

const shown = (name) => looks.querySelectorAll(`[data-shown="${name}"]`)
const say = (name, text) => shown(name).forEach((place) => (place.textContent = text))
const cut = (text, most) => (text.length > most ? `${text.slice(0, most).replace(/\s+\S*$/, "")} …` : text)
const words = (text) => text.trim().replace(/\s+/g, " ")
const picture = (name) => {
  const picker = fields[name].closest("[data-picker]")
  return fields[name].value ? picker.querySelector("[data-chosen] img") : null
}

const counters = Object.entries(LENGTHS).map(([name, most]) => {
  const counter = document.createElement("p")
  counter.className = "desk-help elsewhere__count"
  counter.id = `id_${name}_count`
  fields[name].after(counter)
  const described = fields[name].getAttribute("aria-describedby")
  fields[name].setAttribute("aria-describedby", [described, counter.id].filter(Boolean).join(" "))
  return { counter, name, most }
})

const follow = () => {
  const headline = words(fields.title.value) || wordsUntitled
  const title = words(fields.search_title.value) || headline
  const description = words(fields.search_description.value) || words(fields.standfirst.value)
  const elsewhere = fields.canonical_url.value.trim().replace(/^https:\/\//, "").replace(/\/$/, "")
  say("address", (elsewhere || `${site}/${fields.slug.value.trim()}`).replaceAll("/", " › "))
  say("title", cut(title, 70))
  say("description", cut(description, LENGTHS.search_description))
  say("headline", headline)
  say("section", fields.section.value ? fields.section.selectedOptions[0].textContent : "")
  const photo = picture("share_photo") ?? picture("photo")
  for (const place of shown("picture")) {
    place.hidden = !photo
    if (photo) place.src = photo.src
  }
  for (const place of shown("drawn")) place.hidden = Boolean(photo)
  for (const { counter, name, most } of counters) {
    const source = name === "search_title" ? `${title} · ${magazine}` : description
    const count = [...source].length
    counter.textContent = (count > most ? wordsLong : wordsFits).replace("%(count)s", count).replace("%(most)s", most)
    counter.classList.toggle("is-long", count > most)
  }
}

looks.hidden = false
form.addEventListener("input", follow)
form.addEventListener("change", follow)
follow()
