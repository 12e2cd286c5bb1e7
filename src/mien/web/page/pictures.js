// Pictures: each is sent, its faces shown, its rows kept.

import { askPatiently, form } from "./api.js"
import { csv, rowsOf } from "./rows.js"
import { count, sentence, title } from "./words.js"

const SPOKEN = 3 // faces whose sentences are read out

export class Pictures {
  constructor(desk, files) {
    this.desk = desk
    this.entries = files.map(file => ({ file, name: file.name || "pasted picture", url: URL.createObjectURL(file) }))
    this.rows = []
    this.where = [] // of each row: [picture, face]
    this.now = 0
    this.face = 0
    this.stopping = new AbortController()
  }

  async open() {
    this.#show(0)
    for (const [k, entry] of this.entries.entries()) {
      if (this.closed) return
      this.desk.say(this.entries.length > 1 ? `Looking at picture ${k + 1} of ${this.entries.length}` : "Looking at the picture")
      try {
        entry.heated = this.desk.heat
        entry.answer = await this.#analyse(entry, entry.heated)
      } catch (error) {
        if (this.closed) return
        entry.error = error.message
        this.desk.fail(`${entry.name}: ${error.message}`)
      }
      const faces = entry.answer?.faces ?? []
      entry.first = this.rows.length
      this.rows.push(...rowsOf(entry.name, faces, { error: entry.error ?? null }))
      for (let i = 0; i < Math.max(1, faces.length); i++) this.where.push([k, i])
      this.desk.table.show(this.rows)
      if (k === this.now) this.#show(k)
    }
    this.#say()
  }

  #analyse({ file, name }, heat) {
    const query = heat ? { heat: "true" } : {}
    return askPatiently("v1/analyze", { method: "POST", body: form(file, name), query, signal: this.stopping.signal })
  }

  get entry() {
    return this.entries[this.now]
  }

  get faces() {
    return this.entry.answer?.faces ?? []
  }

  #show(k) {
    const other = k !== this.now
    this.now = k
    if (other) this.face = 0
    const { entry, desk } = this
    const { width, height } = entry.answer ?? {}
    if (!entry.image) {
      entry.image = document.createElement("img")
      entry.image.alt = `The picture ${entry.name}`
      entry.image.onload = () => entry.answer || entry !== this.entry || desk.stage.size(entry.image.naturalWidth, entry.image.naturalHeight)
      entry.image.onerror = () => entry.image.classList.add("unseen") // e.g. TIFF: the alternative text and the boxes stand
      entry.image.src = entry.url
    }
    const size = [width ?? (entry.image.naturalWidth || 4), height ?? (entry.image.naturalHeight || 3)]
    const took = entry.answer ? ` \u00b7 ${entry.answer.width} \u00d7 ${entry.answer.height} \u00b7 ${Math.round(entry.answer.ms)} ms` : ""
    desk.stage.put(entry.image, ...size, entry.name + took)
    if (entry.answer) desk.model(entry.answer)
    desk.pager(this.now, this.entries.length)
    this.#draw()
  }

  #draw() {
    const { desk, faces, face } = this
    desk.stage.show(faces, face, desk.heat)
    desk.faces.show(faces, face, this.entry.error ? "Not read." : this.entry.answer ? "No face found in this picture." : "Looking\u2026")
    if (this.entry.first !== undefined) desk.table.mark(this.entry.first + (faces.length ? face : 0))
    desk.pad.reset()
  }

  #say() {
    if (this.entry.error) return this.desk.say("")
    const words = this.faces.slice(0, SPOKEN).map((face, i) => sentence(face, title(face, i)))
    this.desk.say([`${count(this.faces.length, "face")} in ${this.entry.name}`, ...words].join(". ") + ".")
  }

  pick(i) {
    this.face = i
    this.#draw()
  }

  row(index) {
    const [k, i] = this.where[index]
    this.face = i
    if (k !== this.now) {
      this.#show(k)
      this.face = i
    }
    this.#draw()
  }

  turn(step) {
    this.#show((this.now + step + this.entries.length) % this.entries.length)
    this.#say()
    if (this.desk.heat) this.heat()
  }

  /** Heat maps were switched on or off. */
  async heat() {
    const { entry, desk } = this
    if (desk.heat && entry.answer?.faces.length && !entry.heated) {
      desk.say("Asking for the heat map")
      try {
        entry.answer = await this.#analyse(entry, true)
        entry.heated = true
      } catch (error) {
        if (!this.closed) desk.fail(error.message)
        return
      }
      const drawn = entry.answer.faces.some(face => face.heat)
      desk.say(drawn ? "Bright places are what the model used for its answer." : "This model has no heat map.")
    }
    if (entry === this.entry) this.#draw()
  }

  subject() {
    const { entry } = this
    return this.faces[this.face] ? { file: entry.file, name: entry.name, face: this.face } : null
  }

  async csv() {
    const name = this.entries.length === 1 ? this.entry.name.replace(/\.[^.]*$/, "") : "faces"
    return { blob: new Blob([csv(this.rows)], { type: "text/csv" }), name: `${name}.csv` }
  }

  close() {
    this.closed = true
    this.stopping.abort()
    for (const { url } of this.entries) URL.revokeObjectURL(url)
  }
}
