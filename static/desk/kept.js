// Texts that the server does not have yet, in this browser's own database, by person and article. Gone with a logout.
const NAME = "newsroom-desk"
const asked = (request) =>
  new Promise((done, failed) => {
    request.onsuccess = () => done(request.result)
    request.onerror = () => failed(request.error)
  })

async function store(mode) {
  const opening = indexedDB.open(NAME, 1)
  opening.onupgradeneeded = () => opening.result.createObjectStore("texts")
  const database = await asked(opening)
  return database.transaction("texts", mode).objectStore("texts")
}

const key = (person, article) => `${person}/${article}`

export const keep = async (person, article, text) => asked((await store("readwrite")).put(text, key(person, article)))
export const kept = async (person, article) => asked((await store("readonly")).get(key(person, article)))
export const forget = async (person, article) => asked((await store("readwrite")).delete(key(person, article)))
/** Of everybody who has not logged out here. */
export async function everything() {
  const texts = await store("readonly")
  const [keys, values] = await Promise.all([asked(texts.getAllKeys()), asked(texts.getAll())])
  return keys.map((name, number) => ({ person: name.split("/")[0], article: name.split("/")[1], ...values[number] }))
}
/** What a form holds, as it would be sent; files and buttons are no text. */
export function fieldsOf(form) {
  const fields = {}
  for (const [name, value] of new FormData(form)) {
    if (name !== "csrfmiddlewaretoken" && typeof value === "string") (fields[name] ??= []).push(value)
  }
  return fields
}
