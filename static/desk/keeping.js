// Keeps what is typed in a form: in this browser at once, on the server a moment later, and says which of the two has it.
import { fieldsOf, forget, keep } from "desk/kept"
import { askAgain, whenBack } from "desk/login"
import { attend, tell } from "desk/presence"

const SOON = 1000 // after the last keystroke
const AT_LAST = 2500 // while somebody types on and on
const AGAIN = 5000 // after the server did not answer
const SLOW = 4000 // an answer that takes longer is spoken of
const LONGEST = 20_000 // a network that lets nothing through says nothing either

/** `name()` is what this browser keeps it by, `more()` what it keeps beside the fields, `heard` is told each answer. */
export function keeping(form, { name, more = () => ({}), heard = () => {} }) {
  const state = document.querySelector("[data-state]")
  const words = document.getElementById("autosave-words").dataset
  const { person } = form.dataset

  let changed = 0 // counts what was typed
  let sent = 0 // up to which count the server has it
  let turn = Number(form.elements.turn.value) // counts what was sent
  let sending = false
  let out = false
  let first = 0
  let timer

  const say = (text) => (state.textContent = text)
  const all = () => ({ fields: fieldsOf(form), ...more(), at: Date.now() })
  const write = (text) => keep(person, name(), text).catch(() => {})
  const note = () => write({ ...all(), known: true })

  function typed() {
    changed += 1
    first ||= Date.now()
    say(words.writing)
    write(all())
    clearTimeout(timer)
    timer = setTimeout(send, Math.max(0, Math.min(SOON, first + AT_LAST - Date.now())))
  }

  async function send() {
    clearTimeout(timer)
    if (sending || out || changed === sent) return
    sending = true
    first = 0
    const upTo = changed
    let next = SOON
    const slow = setTimeout(say, SLOW, words.offline)
    try {
      const answer = await post()
      if (answer.type === "opaqueredirect" || answer.status === 403) return loggedOut()
      const said = await answer.json()
      // The server has a later text of this sitting, from another tab: what was typed here is later still.
      if ("late" in said) {
        turn = said.late
        next = 0
        return
      }
      if (!answer.ok) throw new Error(said.refused ?? answer.status, { cause: said.refused })
      sent = upTo
      form.elements.sitting.value = said.sitting
      heard(said)
      tell(form, words, said)
      if (changed !== sent) return say(words.writing) // the last words are only in this browser
      say(said.saved)
      note()
    } catch (error) {
      say(error.cause ?? words.offline)
      next = AGAIN
    } finally {
      clearTimeout(slow)
      sending = false
      if (changed !== sent && !out) timer = setTimeout(send, next)
    }
  }

  function post(body = null) {
    count()
    const signal = AbortSignal.timeout(LONGEST)
    return fetch(form.dataset.autosave, { method: "POST", body: body ?? new FormData(form), redirect: "manual", signal })
  }
  const count = () => (form.elements.turn.value = ++turn)

  // Presence, and the login that ended
  attend(form, { heard: (said) => tell(form, words, said), isOut: () => out, loggedOut })
  function loggedOut() {
    out = true
    say(words.out)
    askAgain()
  }
  whenBack(person, {
    back() {
      out = false
      send()
    },
    stranger: () => say(words.stranger),
  })

  addEventListener("online", send)
  document.addEventListener("visibilitychange", () => document.hidden && send())
  form.addEventListener("submit", () => {
    count()
    write(all())
  })
  document.querySelector("[data-discard]")?.addEventListener("submit", () => forget(person, name()).catch(() => {}))

  return { typed, say, note, post, loggedOut, changes: () => changed }
}
