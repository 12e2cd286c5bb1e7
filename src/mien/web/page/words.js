// Numbers and faces in words, and the emotions in their order.

/** The emotions in the table's order, read from palette.css, the one file of the page that names them. */
export const EMOTIONS = named("--emotions").split(" ").filter(Boolean)
export const NEUTRAL = named("--neutral")

function named(property) {
  return getComputedStyle(document.documentElement).getPropertyValue(property).trim().replace(/["']/g, "")
}

const GAP = "\u00a0"

export function percent(p) {
  if (p === null || p === undefined) return "\u2013"
  if (p > 0 && p < 0.005) return `<1${GAP}%`
  if (p < 1 && p >= 0.995) return `>99${GAP}%` // a model is never sure
  return `${Math.round(100 * p)}${GAP}%`
}

export function number(value, digits = 2) {
  return value === null || value === undefined ? "\u2013" : value.toFixed(digits).replace("-", "\u2212")
}

/** Minutes, seconds and tenths: 75.25 -> "1:15.3". */
export function clock(seconds) {
  if (seconds === null || seconds === undefined) return "\u2013"
  const tenths = Math.round(10 * Math.abs(seconds))
  const rest = ((tenths % 600) / 10).toFixed(1).padStart(4, "0")
  return `${seconds < 0 ? "\u2212" : ""}${Math.floor(tenths / 600)}:${rest}`
}

/** How long, to a person: "40 s", "3 min". */
export function span(seconds) {
  return seconds < 90 ? `${Math.max(1, Math.round(seconds))}${GAP}s` : `${Math.round(seconds / 60)}${GAP}min`
}

export function count(n, thing, things = `${thing}s`) {
  return `${n.toLocaleString("en")}${GAP}${n === 1 ? thing : things}`
}

/** ["a", "b", "c"] -> "a, b or c". */
export function either(names) {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`
}

/** What a face answers: its emotion, or that it declines. */
export function answer(face) {
  if (!face.top) return "not classified"
  return face.abstain ? "declines" : `${face.top}, ${percent(face.confidence)}`
}

/** What stands beside the answer, or "". */
export function beside(face) {
  const said = []
  if (face.abstain && face.top) said.push(`best guess ${face.top}, ${percent(face.confidence)}`)
  if (face.set?.length > 1) said.push(either(face.set))
  else if (face.set?.length === 1 && (face.abstain || face.set[0] !== face.top)) said.push(`${face.set[0]} alone`)
  return said.join("; ")
}

/** A face in one sentence, as a screen reader reads it. */
export function sentence(face, name) {
  const more = beside(face)
  return `${name}: ${answer(face)}${more ? `; ${more}` : ""}`
}

/** The title of a face: its track in a video, its place from the left in a picture. */
export function title(face, i) {
  return face.track === null || face.track === undefined ? `Face ${i + 1}` : `Face ${i + 1}, track ${face.track}`
}
