// With a logout this browser forgets the texts that it kept, and the shell that shows them.
addEventListener("submit", async (event) => {
  const form = event.target
  if (!/\/logout\/$/.test(form.action) || "forgotten" in form.dataset) return
  event.preventDefault()
  localStorage.removeItem("desk-saved")
  await Promise.allSettled([emptied(), caches.delete("desk-shell"), dismissed()])
  form.dataset.forgotten = ""
  form.submit()
})

const emptied = () =>
  new Promise((done) => {
    const opening = indexedDB.open("newsroom-desk")
    opening.onerror = done
    opening.onsuccess = () => {
      const database = opening.result
      if (!database.objectStoreNames.contains("texts")) return done()
      const clearing = database.transaction("texts", "readwrite").objectStore("texts").clear()
      clearing.onsuccess = clearing.onerror = done
    }
  })

const dismissed = async () => {
  for (const worker of await navigator.serviceWorker.getRegistrations()) await worker.unregister()
}
