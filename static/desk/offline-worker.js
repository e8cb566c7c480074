// Serves the shell when the network does not serve the page. It keeps the shell and what that is made of: no page with
// anything of anybody's, and nothing at all after a logout.
const KEPT = "desk-shell"
const SHELL = "/admin/articles/article/offline/"
const PATIENCE = 10_000 // a network that lets nothing through says nothing either

addEventListener("install", (event) => event.waitUntil(take().then(() => skipWaiting())))
addEventListener("activate", (event) => event.waitUntil(clients.claim()))

async function take() {
  const cache = await caches.open(KEPT)
  const page = await fetch(SHELL, { redirect: "error" })
  const parts = new Set([...(await page.clone().text()).matchAll(/"(\/static\/[^"]+)"/g)].map((found) => found[1]))
  await cache.put(SHELL, page)
  await cache.addAll([...parts])
}

addEventListener("fetch", (event) => {
  const { request } = event
  if (request.method !== "GET") return
  if (request.mode === "navigate") event.respondWith(page(request))
  else if (new URL(request.url).pathname.startsWith("/static/")) event.respondWith(part(request))
})

function page(request) {
  const shell = () => caches.match(SHELL)
  const answer = fetch(request)
  const late = new Promise((done) => setTimeout(done, PATIENCE)).then(shell).then((kept) => kept ?? answer)
  return Promise.race([answer, late]).catch(shell)
}

// Their names change with their bytes: whoever has one has the right one.
async function part(request) {
  const known = await caches.match(request)
  if (known) return known
  const answer = await fetch(request)
  if (answer.ok) {
    const copy = answer.clone() // now: whoever reads the answer leaves nothing to copy
    caches.open(KEPT).then((cache) => cache.put(request, copy)).catch(() => {})
  }
  return answer
}
