// Which sittings are saved, noted while the page is still being read: whoever goes on at once, before anything else
// has run, must not be given back an older text by this browser. No module, and not deferred, on purpose.
{
  const sitting = new URLSearchParams(location.search).get("kept")
  try {
    const saved = Object.entries(JSON.parse(localStorage.getItem("desk-saved") ?? "{}")).slice(-99)
    if (sitting) localStorage.setItem("desk-saved", JSON.stringify(Object.fromEntries([...saved, [sitting, Date.now()]])))
  } catch {
    // Without storage the module asks the address, a moment later.
  }
}
