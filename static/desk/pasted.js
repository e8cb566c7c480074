// What is pasted from Word, Google Docs or a page is put in order before the editor reads it: the words stay, and of
// their dress what the house knows. The schema drops styles by itself; here is what it would misread.
import { Extension, Plugin } from "django-prose-editor/editor"

const BLOCKS = "p, h1, h2, h3, h4, h5, h6, ul, ol, table, blockquote, pre, div, hr, figure, section, aside"
const JUNK = 'style, script, meta, link, title, xml, [style*="mso-element:comment-list"], .MsoCommentReference'
const LISTED = /mso-list:\s*l(\d+)\s+level(\d+)/i
const NUMBERED = /^[\s(]*(\d+|[a-z]|[ivxlcdm]+)[.)]/i
const BULLET = /^\s*([·•o§▪◦‣–-]|[(]?(?:\d+|[a-z]|[ivxlcdm]+)[.)])[\s\u00a0]{2,}/i
const MOST_COLUMNS = 60
const TAG = /<[a-z][^\s/>]*/gi
const ATTRIBUTE = /[\s/]*([^\s/>][^\s/>=]*)(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>]*))?/y
const NOTES = /^#_?((?:ftnt?|edn)\d+)$/i

export const Pasted = Extension.create({
  name: "pasted",
  addProseMirrorPlugins: () => [new Plugin({ props: { transformPastedHTML: tidied }, appendTransaction: unlinked })],
})

/** The editor makes a link of every address that is written out; some lead nowhere that a magazine links to. */
function unlinked(changes, _before, { doc, schema, tr }) {
  if (!changes.some((change) => change.docChanged)) return null
  doc.descendants((node, from) => {
    const link = schema.marks.link.isInSet(node.marks)
    if (link && !leadsSomewhere(link.attrs.href ?? "")) tr.removeMark(from, from + node.nodeSize, link)
  })
  return tr.docChanged ? tr.setMeta("preventAutolink", true) : null // or it makes it again
}

/** The same words, in markup that the editor reads as it was meant. */
export function tidied(html, { state }) {
  const { body } = new DOMParser().parseFromString(quiet(html), "text/html")
  forms(body)
  tables(body)
  for (const link of all(body, "a")) {
    link.removeAttribute("target")
    if (link.hasAttribute("href") && !leadsSomewhere(link.getAttribute("href"))) unwrap(link)
  }
  if (isOurs(body.querySelector("[data-pm-slice]"), state.schema)) return body.innerHTML
  for (const steps of [dust, spaces, notes, wordLists, nestedLists, headings, links, gaps]) steps(body)
  return body.innerHTML
}

const all = (root, selector) => [...root.querySelectorAll(selector)]
const unwrap = (element) => element.replaceWith(...element.childNodes)
const isBlank = (element) => !element.textContent.trim() && !element.querySelector("img, table, hr, figure, [data-footnote]")

function rename(element, tag) {
  const renamed = element.ownerDocument.createElement(tag)
  renamed.append(...element.childNodes)
  element.replaceWith(renamed)
  return renamed
}

// None of it can run here; but browsers report every handler, and every base, that they so much as parse as a breach of
// the page's policy. What this does not find is as harmless as what it finds.
function quiet(html) {
  let out = ""
  let read = 0
  for (const { 0: tag, index } of html.matchAll(TAG)) {
    if (index < read) continue
    out += html.slice(read, (read = index + tag.length))
    ATTRIBUTE.lastIndex = read
    const found = []
    for (let one; (one = ATTRIBUTE.exec(html)); ) found.push(one)
    for (const { 0: attribute, 1: name, index } of found) {
      read = index + attribute.length
      if (/^on/i.test(name) || /^<base$/i.test(tag)) out += " "
      // Where we see a value, a parser in another mood may see the end of a style and a tag.
      else out += /["']$/.test(attribute) && attribute.includes("<") ? attribute[0] + quiet(attribute.slice(1)) : attribute
    }
  }
  return out + html.slice(read)
}

// The fields of a form hide its own properties behind their names: it goes before anybody asks it for one.
function forms(body) {
  for (const form of all(body, "form")) {
    const range = body.ownerDocument.createRange()
    range.selectNodeContents(form)
    const inside = range.extractContents()
    range.selectNode(form)
    range.deleteContents()
    range.insertNode(inside)
  }
}

// A table without a cell, and a cell that reaches out of its table, leave the editor with what it cannot edit.
function tables(body) {
  for (const table of all(body, "table")) {
    for (const row of [...table.rows]) if (!row.cells.length) row.remove()
    const rows = [...table.rows]
    if (!rows.length) unwrap(table)
    for (const [place, row] of rows.entries()) {
      for (const cell of row.cells) {
        cell.removeAttribute("colwidth") // columns are as wide as what stands in them
        spans(cell, "colspan", MOST_COLUMNS)
        spans(cell, "rowspan", rows.length - place)
      }
    }
  }
}

function spans(cell, name, most) {
  const span = Number(cell.getAttribute(name))
  if (Number.isInteger(span) && span > 1 && most > 1) cell.setAttribute(name, Math.min(span, most))
  else cell.removeAttribute(name)
}

/** What the editor itself copied names the nodes from which it was cut; an invention of others could break it. */
function isOurs(slice, schema) {
  if (!slice) return false
  try {
    const [, cutFrom] = /^\d+ \d+(?: -\d+)? (.*)$/s.exec(slice.dataset.pmSlice)
    let around = schema.topNodeType
    for (const name of JSON.parse(cutFrom).filter((_name, place) => place % 2 === 0)) {
      const fits = around.contentMatch.matchType(schema.nodes[name])
      around = schema.nodes[name]
      if (!fits || around.isLeaf || around.inlineContent) throw new RangeError(name)
    }
    return true
  } catch {
    slice.removeAttribute("data-pm-slice")
    return false
  }
}

function dust(body) {
  const walker = body.ownerDocument.createTreeWalker(body, NodeFilter.SHOW_COMMENT)
  const comments = []
  while (walker.nextNode()) comments.push(walker.currentNode)
  for (const dead of [...comments, ...all(body, JUNK)]) dead.remove()
  for (const element of all(body, "*")) if (element.localName.includes(":")) unwrap(element) // o:p, w:sdt …
  // Google Docs puts all of it into one <b> that is not bold.
  for (const wrapper of all(body, 'b[id^="docs-internal-guid"]')) unwrap(wrapper)
}

// A space in an element of its own would be read as none.
function spaces(body) {
  for (const span of all(body, '.Apple-converted-space, [style*="mso-spacerun"], [style*="mso-tab-count"]')) {
    if (!span.textContent.trim()) span.replaceWith(" ")
  }
  body.normalize()
}

/** Word and Google Docs keep notes at the end, and point at them: ours stand where they belong. */
function notes(body) {
  for (const link of all(body, 'a[href^="#"]')) {
    const [, name] = NOTES.exec(link.getAttribute("href")) ?? []
    const back = name && body.querySelector(`a[name="_${name}"], a[id="${name}"], a[href="#${name.replace(/\d/, "_ref$&")}"]`)
    const said = back?.closest(`div[id="${name}"]`) ?? back?.closest("p, div, li")
    if (!said || said.contains(link)) continue
    back.remove()
    const note = body.ownerDocument.createElement("span")
    note.dataset.footnote = ""
    for (const block of all(said, "p")) block.append(" ")
    note.append(...all(said, "p").flatMap((block) => [...block.childNodes]))
    if (!note.hasChildNodes()) note.append(...said.childNodes)
    note.normalize()
    if (note.firstChild?.nodeType === 3) note.firstChild.data = note.firstChild.data.trimStart()
    if (note.lastChild?.nodeType === 3) note.lastChild.data = note.lastChild.data.trimEnd()
    for (const stress of all(note, "i")) rename(stress, "em")
    for (const strong of all(note, "b")) rename(strong, "strong")
    said.remove()
    const place = link.closest("sup") ?? link
    place.replaceWith(note)
  }
  for (const list of all(body, '[style*="mso-element:footnote-list"], [style*="mso-element:endnote-list"]')) {
    for (const rule of all(list, "hr")) rule.remove()
  }
}

// Word's lists are paragraphs that look like items: their level stands in the style, their number in the text.

function wordLists(body) {
  for (const first of all(body, "p, h1, h2, h3, h4, h5, h6")) {
    if (first.isConnected && item(first)) gather(first)
  }
}

function item(paragraph) {
  const style = paragraph.getAttribute("style") ?? ""
  const [, list, level] = LISTED.exec(style) ?? []
  const isListed = /^MsoList/.test(paragraph.className)
  if (/^H/.test(paragraph.tagName) || (!list && !isListed)) return null
  const sign = paragraph.querySelector('[style*="mso-list:Ignore"], [style*="mso-list: Ignore"]')
  const text = sign?.textContent ?? BULLET.exec(paragraph.textContent)?.[1]
  if (text === undefined) return null
  const [, number] = NUMBERED.exec(text) ?? []
  return { list: list ?? "", level: Number(level ?? 1), number: number ?? "", sign, text }
}

function gather(first) {
  const open = [] // the lists that are open, the outermost first
  const { ownerDocument: page } = first
  for (let next = first; next; ) {
    const paragraph = next
    next = next.nextElementSibling
    const found = paragraph.tagName === "P" ? item(paragraph) : null
    if (!found) {
      // A second paragraph of the same item has its indent and no sign.
      if (!/^MsoListParagraph/.test(paragraph.className) || isBlank(paragraph)) break
      open.at(-1).list.lastElementChild.append(paragraph)
      continue
    }
    while (open.length && open.at(-1).level > found.level) open.pop()
    const tag = found.number ? "ol" : "ul"
    const here = open.at(-1)
    const goesOn = here?.level === found.level && here.list.localName === tag && here.of === found.list
    if (!goesOn) {
      if (here?.level === found.level) open.pop()
      const list = page.createElement(tag)
      counting(list, found.number)
      const above = open.at(-1)
      if (above) above.list.lastElementChild.append(list)
      else paragraph.before(list)
      open.push({ list, level: found.level, of: found.list })
    }
    if (found.sign) found.sign.remove()
    else strip(paragraph, found.text)
    const entry = page.createElement("li")
    entry.append(rename(paragraph, "p"))
    open.at(-1).list.append(entry)
  }
}

function counting(list, number) {
  if (/^\d+$/.test(number) && number !== "1") list.setAttribute("start", number)
  else if (/^i$/i.test(number)) list.setAttribute("type", number)
  else if (/^[a-z]$/i.test(number)) list.setAttribute("type", number === number.toLowerCase() ? "a" : "A")
}

/** The sign that stands as plain text before the words goes, wherever the markup cuts it. */
function strip(paragraph, sign) {
  const walker = paragraph.ownerDocument.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT)
  let left = sign
  while (walker.nextNode()) {
    const node = walker.currentNode
    node.data = node.data.trimStart()
    const cut = left.startsWith(node.data) ? node.data.length : node.data.startsWith(left) ? left.length : 0
    left = left.slice(cut)
    node.data = node.data.slice(cut).trimStart()
    if (!left && node.data) return
  }
}

// Google Docs puts a list beside the item that it belongs to, or, of a part that was chosen, into nothing but lists.

function nestedLists(body) {
  const isOutermost = (list) => !list.parentElement.closest("ul, ol")
  for (const list of all(body, "ul, ol").filter(isOutermost)) list.replaceWith(...straight(list))
}

function straight(list) {
  const out = []
  let mine = null
  for (const child of [...list.children]) {
    if (child.matches("ul, ol")) {
      const inner = straight(child)
      if (mine) mine.lastElementChild.append(...inner)
      else out.push(...inner)
      continue
    }
    for (const inner of all(child, "ul, ol").filter((found) => found.parentElement.closest("ul, ol") === list)) {
      inner.replaceWith(...straight(inner))
    }
    if (!child.textContent.trim()) continue
    if (!mine) {
      mine = list.cloneNode()
      out.push(mine)
    }
    mine.append(child)
  }
  return out
}

/** An article's own headline is above them: where somebody used the first rank, all go one down. */
function headings(body) {
  for (const title of all(body, "p.MsoTitle")) rename(title, "h1")
  const down = body.querySelector("h1") ? 1 : 0
  for (const heading of all(body, "h1, h2, h3, h4, h5, h6")) {
    for (const bold of all(heading, "b, strong")) unwrap(bold)
    for (const span of all(heading, "span[style]")) span.style.fontWeight = ""
    rename(heading, `h${Math.min(4, Number(heading.tagName[1]) + down)}`)
  }
}

/** As the sanitizer will say of it: what it would take away is not shown meanwhile. */
function leadsSomewhere(href) {
  try {
    return ["http:", "https:", "mailto:"].includes(new URL(href, location).protocol)
  } catch {
    return false
  }
}

function links(body) {
  for (const link of all(body, "a")) {
    const href = link.getAttribute("href") ?? ""
    if (!href || href.startsWith("#") || /^(file|about):/i.test(href)) unwrap(link)
    else if (/^https:\/\/www\.google\.com\/url\?/.test(href)) {
      const meant = new URL(href).searchParams.get("q")
      if (meant) link.setAttribute("href", meant)
    }
  }
}

// Empty paragraphs and line breaks stand for distance, which the page has of its own.
function gaps(body) {
  for (const empty of all(body, "p, h2, h3, h4, li")) if (isBlank(empty)) empty.remove()
  for (const line of all(body, "br")) {
    const [before, after] = [line.previousSibling, line.nextSibling]
    const isBetween = [before, after].some((beside) => beside?.matches?.(BLOCKS)) || (!before && !after)
    if (line.className === "Apple-interchange-newline" || isBetween) line.remove()
  }
}
