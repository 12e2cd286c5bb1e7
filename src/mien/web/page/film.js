// A video: its job is followed, its rows are drawn over time, and its boxes over the moment that plays.

import { Job } from "./job.js"
import { csv, faceOf } from "./rows.js"
import { count } from "./words.js"

export class Film {
  constructor(desk, file, options) {
    this.desk = desk
    this.file = file
    this.options = options
    this.rows = []
    this.moments = [] // {time, from, to}: rows of one frame
    this.chosen = null // a row
    this.shown = null // a moment
    this.job = new Job(told => this.closed || desk.progress(told), rows => this.closed || this.#take(rows))
  }

  async open() {
    this.#play()
    this.desk.faces.show([], null, "Faces appear as the video is looked at.")
    this.desk.say("The video is sent and looked at; rows appear as they come.")
    try {
      const state = await this.job.run(this.file, this.options)
      if (this.closed) return
      this.desk.say(state === "cancelled" ? "Cancelled; the rows so far stay here until another file is opened."
        : `Done: ${count(this.rows.length, "row")} of ${count(this.moments.length, "frame")}. The table can be downloaded.`)
    } catch (error) {
      if (!this.closed) this.desk.fail(`${this.file.name}: ${error.message}`)
    } finally {
      if (!this.closed) this.desk.progress(null)
    }
  }

  #play() {
    const video = this.video = document.createElement("video")
    Object.assign(video, { controls: true, muted: true, playsInline: true, preload: "auto", src: this.url = URL.createObjectURL(this.file) })
    video.setAttribute("aria-label", `The video ${this.file.name}`)
    video.onloadedmetadata = () => this.desk.stage.size(video.videoWidth || 16, video.videoHeight || 9)
    video.onerror = () => {
      this.unseen = true
      this.desk.stage.clear()
      this.desk.note("This browser cannot play this video; its rows come all the same.")
    }
    video.onseeked = () => this.#moment(video.currentTime)
    const on = (_, about) => {
      if (this.closed) return
      this.#moment(about?.mediaTime ?? video.currentTime)
      if (video.requestVideoFrameCallback) video.requestVideoFrameCallback(on)
    }
    if (video.requestVideoFrameCallback) video.requestVideoFrameCallback(on)
    else video.ontimeupdate = on
    this.desk.stage.put(video, 16, 9, this.file.name)
  }

  #take(rows) {
    for (const row of rows) {
      const last = this.moments.at(-1)
      if (last && this.rows[last.from].frame === row.frame) last.to = this.rows.length + 1
      else this.moments.push({ time: row.time ?? last?.time ?? 0, from: this.rows.length, to: this.rows.length + 1 })
      this.rows.push(row)
    }
    this.desk.table.show(this.rows)
    this.desk.timeline.show(this.rows)
    if (this.shown === null) this.row(Math.max(0, this.rows.findIndex(row => Number(row.success))), false)
  }

  /** The rows of the moment that the video shows; none where nothing near was looked at. */
  #moment(time) {
    let low = 0, high = this.moments.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.moments[middle].time <= time + 0.002) low = middle + 1
      else high = middle
    }
    const found = this.moments[low - 1]
    if (found && found !== this.shown) this.#draw(found)
  }

  #draw(moment) {
    this.shown = moment
    const rows = this.rows.slice(moment.from, moment.to)
    const faces = rows.map(faceOf).filter(Boolean)
    const wanted = this.rows[this.chosen]
    let at = this.chosen >= moment.from && this.chosen < moment.to ? this.chosen - moment.from : -1
    if (at < 0) at = faces.findIndex(face => wanted && face.track !== null && face.track === wanted.track)
    if (!this.unseen) this.desk.stage.show(faces, at)
    this.desk.faces.show(faces, at, rows[0].error ? `Not read: ${rows[0].error}` : "No face found in this frame.")
    this.desk.timeline.pass(moment.from + Math.max(at, 0))
  }

  pick(i) {
    this.video.pause()
    this.row(this.shown.from + i)
  }

  /** Go to a row: its moment, its face, its line. */
  row(index, seek = true) {
    const row = this.rows[index]
    if (!row) return
    this.chosen = index
    this.#draw(this.moments.find(moment => index >= moment.from && index < moment.to))
    this.desk.table.mark(index)
    this.desk.timeline.mark(index)
    if (seek && !this.unseen && row.time !== null && row.time !== undefined) {
      this.video.pause()
      this.video.currentTime = row.time + 0.001 // within the frame, not at its edge
    }
  }

  cancel() {
    return this.job.end()
  }

  subject() {
    return null
  }

  /** The server's own table; where the job is gone, the same rows made here. */
  async csv() {
    const name = `${this.file.name.replace(/\.[^.]*$/, "")}.csv`
    if (this.job.id) return { blob: await this.job.table(), name }
    return { blob: new Blob([csv(this.rows)], { type: "text/csv" }), name }
  }

  close() {
    this.closed = true
    this.video.pause()
    this.video.removeAttribute("src")
    URL.revokeObjectURL(this.url)
    this.job.end(true)
  }
}
