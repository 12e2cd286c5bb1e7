// The camera's faces as they come, and their rows.

import { Camera } from "./camera.js"
import { csv, rowsOf } from "./rows.js"
import { count, sentence, title } from "./words.js"

const MOST = 40000 // rows kept
const SPOKEN = 5000, DRAWN = 1000 // milliseconds between sentences, and between drawings of the table

export class Live {
  constructor(desk) {
    this.desk = desk
    this.rows = []
    this.face = 0
    this.spoken = this.drawn = -Infinity
    this.camera = new Camera(told => this.#show(told), line => this.#ended(line))
  }

  async open() {
    this.desk.faces.show([], null, "Waiting for the camera.")
    this.desk.say("Asking for the camera")
    try {
      this.video = await this.camera.start()
    } catch (error) {
      return this.camera.stop(error.message)
    }
    if (!this.video) return
    this.began = performance.now()
    this.both = document.createElement("div") // a video that leaves the document is paused: the frames lie over it
    this.both.className = "live"
    this.both.append(this.video, this.camera.shown)
    this.camera.shown.hidden = true
    this.desk.stage.put(this.both, this.video.videoWidth, this.video.videoHeight, "Camera")
    this.desk.camera(true)
    this.desk.say("The camera runs.")
  }

  #show(told) {
    if (this.closed) return
    if (told.error) {
      this.spoken = -Infinity // the next answer is told at once
      return this.desk.note(`A frame was passed over: ${told.error}`)
    }
    const { desk } = this
    const now = performance.now()
    this.faces = told.faces
    this.face = Math.min(this.face, Math.max(0, told.faces.length - 1))
    this.camera.shown.hidden = desk.smooth
    desk.stage.size(told.width, told.height)
    desk.stage.show(told.faces, this.face)
    desk.faces.show(told.faces, this.face, "No face in sight.")
    if (this.rows.length < MOST) this.rows.push(...rowsOf("camera", told.faces, { time: (now - this.began) / 1000 }))
    const pace = this.camera.pace()
    if (pace && now - this.drawn > DRAWN) {
      this.drawn = now
      desk.table.show(this.rows)
      desk.delay(`${Math.round(pace.delay)} ms from a frame to its boxes (median), ${pace.rate.toFixed(1)} frames a second`
        + (told.dropped ? `, ${count(told.dropped, "frame")} dropped` : ""))
    }
    if (now - this.spoken > SPOKEN) {
      this.spoken = now
      desk.say(told.faces.length ? told.faces.map((face, i) => sentence(face, title(face, i))).join(". ") : "No face in sight.")
    }
  }

  #ended(line) {
    if (this.closed) return
    this.desk.camera(false)
    this.desk.table.show(this.rows)
    if (line) this.desk.fail(line)
    else this.desk.say(`The camera is off. ${count(this.rows.length, "row")} can be downloaded.`)
  }

  pick(i) {
    this.face = i
    if (this.camera.over && this.faces) {
      this.desk.stage.show(this.faces, i)
      this.desk.faces.show(this.faces, i, "")
    }
  }

  row(index) {
    this.desk.table.mark(index)
  }

  stop() {
    this.camera.stop()
  }

  get running() {
    return !this.camera.over
  }

  subject() {
    return null
  }

  async csv() {
    return { blob: new Blob([csv(this.rows)], { type: "text/csv" }), name: "camera.csv" }
  }

  close() {
    this.closed = true
    this.camera.stop()
    this.desk.camera(false)
    this.desk.delay(null)
  }
}
