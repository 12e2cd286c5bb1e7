// A video's job: sent, followed row by row, cancelled or fetched as CSV.

import { ask, form, send } from "./api.js"
import { count, percent, span } from "./words.js"

const EVERY = 400 // milliseconds between questions
const PASSING = new Set([0, 429, 502, 503, 504]) // no answer, or not now: asked again
const PATIENCE = 8 // times in a row
const OVER = new Set(["done", "failed", "cancelled"])

export class Job {
  /**
   * `hear({text, share})` is told of progress, `rows(new ones)` of rows as they come.
   */
  constructor(hear, rows) {
    this.hear = hear
    this.take = rows
    this.id = null
    this.cancelled = false
    this.next = 0
  }

  /** Send the file and follow the job to its end; the state it ends in. Throws what the server refuses. */
  async run(file, options) {
    this.hear({ text: "Sending the video", share: null })
    const told = await send("v1/jobs", form(file, file.name, options), share => {
      this.hear({ text: `Sending the video, ${percent(share)}`, share: share < 1 ? share : null })
    })
    this.id = told.id
    if (this.cancelled) await this.end()
    let missed = 0
    for (;;) {
      if (this.cancelled) return "cancelled"
      let now
      try {
        now = await ask(`v1/jobs/${this.id}`)
        await this.#fetch()
      } catch (error) {
        if (this.cancelled) return "cancelled" // the question came after the deletion
        if (!PASSING.has(error.status) || ++missed > PATIENCE) throw error
        await pause(1000 * (error.after ?? 1))
        continue
      }
      if (this.cancelled) return "cancelled"
      missed = 0
      this.hear({ text: progress(now), share: now.progress ?? null })
      if (OVER.has(now.state)) {
        if (now.state === "failed") throw new Error(now.error ?? "The video could not be read to its end.")
        return now.state
      }
      await pause(EVERY)
    }
  }

  async #fetch() {
    for (;;) {
      const { rows, next } = await ask(`v1/jobs/${this.id}/rows`, { query: { after: this.next } })
      if (this.cancelled || !rows.length) return
      this.next = next
      this.take(rows)
    }
  }

  table() {
    return ask(`v1/jobs/${this.id}/table.csv`, { as: "blob" })
  }

  /** Cancel it and have the server delete the video and the rows. */
  async end(keepalive = false) {
    this.cancelled = true
    const id = this.id
    this.id = null
    if (id) await ask(`v1/jobs/${id}`, { method: "DELETE", as: "text", keepalive }).catch(() => {}) // gone is gone
  }
}

function pause(milliseconds) {
  return new Promise(done => setTimeout(done, milliseconds))
}

function progress(now) {
  if (now.state === "queued") return "Waiting for its turn"
  const of = now.frames ? ` of about ${now.frames.toLocaleString("en")}` : ""
  const left = now.eta_s !== null && now.eta_s !== undefined && now.state === "running" ? `, about ${span(now.eta_s)} to go` : ""
  return `${count(now.frames_done ?? 0, "frame")} looked at${of}${left}`
}
