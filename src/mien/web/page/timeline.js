// Probabilities over a video's time for one track, as lines; the moment is chosen by pointer or arrow keys.

import { EMOTIONS, clock, count } from "./words.js"

const SVG = document.querySelector("svg").namespaceURI
const HEIGHT = 230, LEFT = 50, RIGHT = 8, TOP = 8, BOTTOM = 34
const DASHES = ["", "9 3", "2 3", "", "9 3 2 3", "", "5 3", "12 4"] // lines differ by more than colour
const UNTRACKED = "untracked"

function draw(tag, attributes, text) {
  const node = document.createElementNS(SVG, tag)
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value))
  if (text !== undefined) node.textContent = text
  return node
}

export class Timeline {
  /** `choose(index)` gets the index of a row among those given to `show`. */
  constructor({ section, plot, legend, track }, choose) {
    Object.assign(this, { section, plot, legend, track, choose })
    this.rows = []
    this.points = []
    this.off = new Set()
    this.at = null
    track.addEventListener("change", () => this.draw())
    plot.addEventListener("keydown", event => this.#keyed(event))
    plot.addEventListener("pointerdown", event => this.#pointed(event))
    plot.addEventListener("pointermove", event => event.buttons & 1 && this.#pointed(event))
    new ResizeObserver(() => this.section.hidden || this.draw()).observe(plot)
    this.#legend()
  }

  show(rows) {
    this.rows = rows
    this.section.hidden = rows.length === 0
    const sizes = new Map()
    for (const row of rows) if (Number(row.success)) sizes.set(key(row), (sizes.get(key(row)) ?? 0) + 1)
    const options = [...sizes].map(([value, n]) => new Option(`${value === UNTRACKED ? "none" : value} (${count(n, "row")})`, value))
    const before = this.track.value
    this.track.replaceChildren(...options)
    if (sizes.has(before)) this.track.value = before
    else if (options.length) this.track.value = [...sizes].sort((a, b) => b[1] - a[1])[0][0]
    this.draw()
  }

  /** Mark a row, and show its track. */
  mark(index) {
    const row = this.rows[index]
    if (!row) return
    if (Number(row.success) && this.track.value !== key(row)) {
      this.track.value = key(row)
      this.draw()
    }
    this.#moment(row)
  }

  /** Move the moment only, as while a video plays. */
  pass(index) {
    this.#moment(this.rows[index])
  }

  draw() {
    const width = Math.max(260, this.plot.clientWidth)
    const svg = draw("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT, "aria-hidden": "true" })
    this.points = this.#points()
    const times = this.rows.filter(row => row.time !== null && row.time !== undefined).map(row => row.time)
    const first = times[0] ?? 0
    this.span = [first, Math.max(times.at(-1) ?? 0, first + 0.1)]
    this.x = time => LEFT + (time - this.span[0]) / (this.span[1] - this.span[0]) * (width - LEFT - RIGHT)
    const y = p => TOP + (1 - p) * (HEIGHT - TOP - BOTTOM)
    this.#axes(svg, width, y)
    EMOTIONS.forEach((name, k) => {
      if (this.off.has(name)) return
      const path = draw("path", { d: line(this.points, name, this.x, y), class: "line", "stroke-dasharray": DASHES[k] })
      path.dataset.emotion = name
      svg.append(path)
    })
    const declined = this.points.filter(point => Number(point.row.abstain))
    const marks = thin(declined.map(point => Math.round(this.x(point.row.time))))
    svg.append(draw("path", { class: "declined", d: marks.map(x => `M${x} ${HEIGHT - BOTTOM + 3}v5`).join("") }))
    this.cursor = draw("line", { class: "cursor", x1: -9, x2: -9, y1: TOP, y2: HEIGHT - BOTTOM })
    svg.append(this.cursor)
    this.plot.replaceChildren(svg)
    this.plot.setAttribute("aria-valuemax", String(Math.max(0, this.points.length - 1)))
    this.#moment(this.at)
  }

  #axes(svg, width, y) {
    for (const p of [0, 0.5, 1]) {
      svg.append(draw("line", { class: "grid", x1: LEFT, x2: width - RIGHT, y1: y(p), y2: y(p) }))
      svg.append(draw("text", { class: "tick", x: LEFT - 6, y: y(p) + 4, "text-anchor": "end" }, `${100 * p} %`))
    }
    const ticks = Math.max(2, Math.floor(width / 130))
    for (let i = 0; i <= ticks; i++) {
      const time = this.span[0] + (this.span[1] - this.span[0]) * i / ticks
      const anchor = i === 0 ? "start" : i === ticks ? "end" : "middle"
      svg.append(draw("text", { class: "tick", x: this.x(time), y: HEIGHT - 6, "text-anchor": anchor }, clock(time)))
    }
  }

  /** The chosen track's rows, each with its place among the frames looked at: neighbours are joined by a line. */
  #points() {
    const points = []
    let frame = null, ordinal = -1
    this.rows.forEach((row, index) => {
      if (row.frame !== frame) [frame, ordinal] = [row.frame, ordinal + 1]
      const drawn = Number(row.success) && key(row) === this.track.value && row.time !== null && row.time !== undefined
      if (drawn && points.at(-1)?.ordinal !== ordinal) points.push({ row, index, ordinal })
    })
    return points
  }

  #legend() {
    EMOTIONS.forEach((name, k) => {
      const button = document.createElement("button")
      button.type = "button"
      button.dataset.emotion = name
      button.setAttribute("aria-pressed", "true")
      const sample = draw("svg", { viewBox: "0 0 28 8", width: 28, height: 8, "aria-hidden": "true" })
      sample.append(draw("path", { d: "M0 4h28", class: "line", "stroke-dasharray": DASHES[k] }))
      button.append(sample, name)
      button.addEventListener("click", () => {
        if (!this.off.delete(name)) this.off.add(name)
        button.setAttribute("aria-pressed", String(!this.off.has(name)))
        this.draw()
      })
      this.legend.append(button)
    })
  }

  #moment(row) {
    this.at = row
    if (!row || !this.cursor || row.time === null || row.time === undefined) return
    const x = this.x(row.time)
    this.cursor.setAttribute("x1", x)
    this.cursor.setAttribute("x2", x)
    this.plot.setAttribute("aria-valuenow", String(Math.max(0, this.#near(row.time))))
    const said = !Number(row.success) ? "no face" : Number(row.abstain) ? "declines" : row.emotion ?? "not classified"
    this.plot.setAttribute("aria-valuetext", `${clock(row.time)}, frame ${row.frame}: ${said}`)
  }

  #near(time) {
    let best = -1
    this.points.forEach((point, i) => {
      if (best < 0 || Math.abs(point.row.time - time) < Math.abs(this.points[best].row.time - time)) best = i
    })
    return best
  }

  #keyed(event) {
    const n = this.points.length
    const time = this.at?.time ?? -Infinity
    const now = this.at ? this.#near(time) : -1
    const after = this.points.findIndex(point => point.row.time > time) // the moment may lie in a gap
    const on = after < 0 ? n - 1 : after
    const back = this.points.findLastIndex(point => point.row.time < time)
    const tenth = Math.max(1, Math.round(n / 10))
    const to = {
      ArrowLeft: back, ArrowRight: on, ArrowDown: back, ArrowUp: on, PageUp: now - tenth,
      PageDown: now + tenth, Home: 0, End: n - 1,
    }[event.key]
    if (to === undefined || !n) return
    event.preventDefault()
    this.choose(this.points[Math.min(Math.max(to, 0), n - 1)].index)
  }

  #pointed(event) {
    const box = this.plot.getBoundingClientRect()
    const share = (event.clientX - box.left - LEFT) / (box.width - LEFT - RIGHT)
    const near = this.#near(this.span[0] + Math.min(Math.max(share, 0), 1) * (this.span[1] - this.span[0]))
    if (near >= 0) this.choose(this.points[near].index)
  }
}

function key(row) {
  return row.track === null || row.track === undefined ? UNTRACKED : String(row.track)
}

/** Each value once, in the order given. */
function thin(values) {
  return [...new Set(values)]
}

/** A path that breaks where the face was not found; of many points in one column of pixels, the lowest and highest. */
function line(points, name, x, y) {
  const parts = []
  let column = null, low = null, high = null, last = null
  const flush = () => {
    if (column === null) return
    parts.push(`${last === null ? "M" : "L"}${column} ${y(low).toFixed(1)}`)
    if (high !== low) parts.push(`L${column} ${y(high).toFixed(1)}`)
    else if (last === null) parts.push("h.01") // a lone point is a dot
    last = column
    column = null
  }
  let before = null
  for (const { row, ordinal } of points) {
    const p = row[name]
    if (p === null || p === undefined) continue
    if (before !== null && ordinal !== before + 1) {
      flush()
      last = null
    }
    const at = Math.round(x(row.time))
    if (at !== column) {
      flush()
      ;[column, low, high] = [at, p, p]
    }
    low = Math.min(low, p)
    high = Math.max(high, p)
    before = ordinal
  }
  flush()
  return parts.join("") || "M0 0"
}
