// Faces as rows of the table and back, and the table as CSV.

import { EMOTIONS } from "./words.js"

const BEFORE = ["input", "frame", "time", "face", "track", "success", "source",
  "FaceRectX", "FaceRectY", "FaceRectWidth", "FaceRectHeight", "FaceScore"]
const AFTER = ["emotion", "confidence", "abstain", "set"]
const AFFECT = ["valence", "arousal"]
const UNIT = /^AU\d\d$/

const has = value => value !== null && value !== undefined

/** The rows of one picture: one a face, or a single one with `success` 0. */
export function rowsOf(input, faces, { error = null, time = null } = {}) {
  if (!faces.length) return [{ input, time, success: 0, error }]
  return faces.map((face, i) => ({
    input, time, face: i, track: face.track ?? null, success: 1, source: face.source ?? "detected",
    FaceRectX: face.box[0], FaceRectY: face.box[1],
    FaceRectWidth: face.box[2] - face.box[0], FaceRectHeight: face.box[3] - face.box[1], FaceScore: face.score,
    ...face.emotion, emotion: face.top, confidence: face.confidence, abstain: face.abstain ? 1 : 0,
    set: face.set?.length ? face.set.join("|") : null,
    ...(has(face.valence) ? { valence: face.valence, arousal: face.arousal } : {}),
    ...face.action_units, error,
  }))
}

/** The face of a row, or null where none was found. */
export function faceOf(row) {
  if (!Number(row.success)) return null
  return {
    box: [row.FaceRectX, row.FaceRectY, row.FaceRectX + row.FaceRectWidth, row.FaceRectY + row.FaceRectHeight],
    score: row.FaceScore, emotion: Object.fromEntries(EMOTIONS.map(name => [name, row[name] ?? null])),
    top: row.emotion ?? null, confidence: row.confidence ?? null, abstain: Boolean(Number(row.abstain)),
    set: row.set ? row.set.split("|") : [], valence: row.valence ?? null, arousal: row.arousal ?? null,
    action_units: Object.fromEntries(Object.entries(row).filter(([key, value]) => UNIT.test(key) && has(value))),
    track: row.track ?? null, source: row.source,
  }
}

/** The columns that rows fill, in the table's order; affect and units only where some row has them. */
export function columnsOf(rows) {
  const keys = new Set(rows.flatMap(Object.keys))
  const units = [...keys].filter(key => UNIT.test(key)).sort()
  return [...BEFORE, ...EMOTIONS, ...AFTER, ...AFFECT.filter(key => keys.has(key)), ...units, "error"]
}

function cell(value) {
  if (!has(value) || value === "") return ""
  const text = typeof value === "number" ? String(Number(value.toPrecision(6))) : String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

export function csv(rows) {
  const columns = columnsOf(rows)
  return [columns, ...rows.map(row => columns.map(key => row[key]))].map(line => line.map(cell).join(",")).join("\n") + "\n"
}

/** Hand a blob to the person as a file. */
export function save(blob, name) {
  const link = document.createElement("a")
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10000)
}
