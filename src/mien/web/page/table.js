// The rows, a page of them at a time.

import { columnsOf } from "./rows.js"
import { EMOTIONS, clock, count, number, percent } from "./words.js"

const PAGE = 15
const HIDDEN = new Set(["success", "source", "FaceRectX", "FaceRectY", "FaceRectWidth", "FaceRectHeight"]) // in the CSV
const FIRST = ["input", "frame", "time", "face", "track", "emotion", "confidence", "abstain", "set"] // then the rest

export class Table {
  constructor({ section, table, before, after, place, download }, choose, save) {
    Object.assign(this, { section, table, before, after, place, choose })
    this.rows = []
    this.page = 0
    this.chosen = null
    before.addEventListener("click", () => this.#turn(-1))
    after.addEventListener("click", () => this.#turn(1))
    download.addEventListener("click", save)
    table.addEventListener("click", event => this.#picked(event.target.closest("tr[data-row]")))
    table.addEventListener("keydown", event => this.#keyed(event))
  }

  show(rows) {
    this.rows = rows
    this.section.hidden = !rows.length
    this.page = Math.min(this.page, this.#last())
    this.draw()
  }

  /** Mark a row and turn to its page. */
  mark(index) {
    this.chosen = index
    if (index !== null) this.page = Math.floor(index / PAGE)
    this.draw()
  }

  draw() {
    const from = PAGE * this.page
    const shown = this.rows.slice(from, from + PAGE)
    const filled = new Set(shown.flatMap(row => Object.keys(row).filter(key => row[key] !== null && row[key] !== "" && !(key === "abstain" && !Number(row[key])))))
    const one = new Set(this.rows.map(row => row.input)).size === 1
    const present = columnsOf(shown).filter(key => filled.has(key) && !HIDDEN.has(key) && !(one && key === "input"))
    const columns = [...FIRST, ...present.filter(key => !FIRST.includes(key))].filter(key => present.includes(key))
    const focus = this.table.contains(document.activeElement) ? document.activeElement.closest("tr")?.dataset.row : null
    const head = document.createElement("thead")
    const names = head.insertRow()
    for (const key of ["row", ...columns]) {
      const cell = document.createElement("th")
      cell.scope = "col"
      cell.textContent = key
      names.append(cell)
    }
    const body = document.createElement("tbody")
    shown.forEach((row, i) => body.append(this.#row(row, from + i, columns)))
    this.table.replaceChildren(head, body)
    if (focus) (body.querySelector(`[data-row="${focus}"] button`) ?? body.querySelector("button"))?.focus()
    const n = this.rows.length
    const place = `${from + 1} to ${from + shown.length} of ${count(n, "row")}`
    if (this.place.textContent !== place) this.place.textContent = place
    this.before.hidden = this.after.hidden = n <= PAGE
    this.before.disabled = this.page === 0
    this.after.disabled = this.page >= this.#last()
  }

  #row(row, index, columns) {
    const line = document.createElement("tr")
    line.dataset.row = String(index)
    line.classList.toggle("declines", Boolean(Number(row.abstain)) || !Number(row.success))
    if (index === this.chosen) line.setAttribute("aria-current", "true")
    const button = document.createElement("button")
    button.type = "button"
    button.textContent = String(index)
    button.setAttribute("aria-label", `Show row ${index}`)
    button.tabIndex = index === (this.#onPage(this.chosen) ? this.chosen : PAGE * this.page) ? 0 : -1
    const first = document.createElement("th")
    first.scope = "row"
    first.append(button)
    line.append(first)
    for (const key of columns) {
      const cell = line.insertCell()
      cell.textContent = text(key, row[key], row)
    }
    return line
  }

  #last() {
    return Math.max(0, Math.ceil(this.rows.length / PAGE) - 1)
  }

  #onPage(index) {
    return index !== null && Math.floor(index / PAGE) === this.page
  }

  #turn(step) {
    this.page = Math.min(Math.max(this.page + step, 0), this.#last())
    this.draw()
  }

  #picked(line) {
    if (line) this.choose(Number(line.dataset.row))
  }

  #keyed(event) {
    const step = { ArrowUp: -1, ArrowDown: 1, PageUp: -PAGE, PageDown: PAGE }[event.key]
    const line = event.target.closest("tr[data-row]")
    if (!step || !line) return
    event.preventDefault()
    const to = Math.min(Math.max(Number(line.dataset.row) + step, 0), this.rows.length - 1)
    this.choose(to)
    this.table.querySelector(`[data-row="${to}"] button`)?.focus()
  }
}

function text(key, value, row) {
  if (value === null || value === undefined || value === "") return ""
  if (key === "time") return clock(value)
  if (key === "emotion") return Number(row.abstain) ? `(${value})` : value
  if (key === "abstain") return Number(value) ? "declines" : ""
  if (key === "set") return value.split("|").join(", ")
  if (EMOTIONS.includes(key) || key === "confidence" || key === "FaceScore") return percent(value)
  return typeof value === "number" && !Number.isInteger(value) ? number(value) : String(value)
}
