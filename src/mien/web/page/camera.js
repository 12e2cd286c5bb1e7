// The camera: one frame under way at a time, then the newest; boxes are shown with the frame they belong to.

import { socket } from "./api.js"

const WIDEST = 640
const QUALITY = 0.7
const PATIENCE = 3000 // milliseconds after which a frame without an answer is given up
const KEPT = 30 // delays in the median shown

const REASONS = {
  NotAllowedError: "The browser was not allowed to use the camera; allow it for this page beside the address, then start again.",
  NotFoundError: "No camera was found; connect one, then start again.",
  NotReadableError: "The camera is in use or does not answer; close what else uses it, then start again.",
  OverconstrainedError: "The camera has no picture size that fits; try another camera.",
}

export class Camera {
  /** `show({faces, error, ...})` draws an answer whose frame `shown` holds, `ended(line or null)` is called once when it is over. */
  constructor(show, ended) {
    this.show = show
    this.ended = ended
    this.seq = 0
    this.under = null // the frame under way
    this.delays = []
    this.canvas = document.createElement("canvas") // what is sent
    this.shown = document.createElement("canvas") // the frame whose boxes are shown
  }

  /** Ask for the camera and the socket; the video element that plays it, null where it was stopped meanwhile. */
  async start() {
    if (!navigator.mediaDevices?.getUserMedia) {
      throw new Error("The browser gives a camera only to https and to this very machine; open the page there.")
    }
    const wanted = { width: { ideal: WIDEST }, height: { ideal: 480 }, facingMode: "user" }
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false })
    } catch (error) {
      throw new Error(REASONS[error.name] ?? `The camera could not be started (${error.name}); try again.`)
    }
    if (this.over) return this.#release() // stopped while the person was asked
    this.video = document.createElement("video")
    Object.assign(this.video, { muted: true, playsInline: true, srcObject: this.stream })
    this.stream.getVideoTracks()[0].addEventListener("ended", () => this.stop("The camera was taken away; start it again."))
    await this.video.play()
    if (this.over) return null
    this.#connect()
    this.#watch()
    return this.video
  }

  #connect() {
    this.socket = socket("v1/live")
    this.socket.binaryType = "arraybuffer"
    this.socket.onmessage = event => this.#answered(JSON.parse(event.data))
    this.socket.onclose = event => {
      this.stop(event.reason || "The connection to mien was lost; see that mien serve is running, then start again.")
    }
  }

  /** Remember each new frame's moment; send it where nothing is under way. */
  #watch() {
    const on = (now, about) => {
      if (this.over) return
      const taken = about?.captureTime
      this.fresh = taken > now - 1000 && taken <= now ? taken : now
      this.#send()
      this.#next(on)
    }
    this.#next(on)
  }

  #next(on) {
    if (this.video.requestVideoFrameCallback) this.video.requestVideoFrameCallback(on)
    else requestAnimationFrame(on)
  }

  async #send() {
    const { video, canvas } = this
    if (this.under && performance.now() - this.under.sent > PATIENCE) this.under = null
    if (this.under || !this.fresh || this.socket.readyState !== WebSocket.OPEN || !video.videoWidth) return
    const scale = Math.min(1, WIDEST / video.videoWidth)
    const under = this.under = { seq: this.seq = (this.seq + 1) % 2 ** 32, taken: this.fresh, sent: performance.now() }
    this.fresh = null
    fit(canvas, Math.round(scale * video.videoWidth), Math.round(scale * video.videoHeight))
    canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height)
    const picture = await new Promise(done => canvas.toBlob(done, "image/jpeg", QUALITY))
    if (this.over || !picture || this.socket.readyState !== WebSocket.OPEN) return
    const head = new DataView(new ArrayBuffer(4))
    head.setUint32(0, under.seq, true)
    this.socket.send(new Blob([head.buffer, picture]))
  }

  #answered(told) {
    const under = this.under
    if (this.over || told.seq !== under?.seq) return // of a frame given up
    fit(this.shown, this.canvas.width, this.canvas.height)
    this.shown.getContext("2d").drawImage(this.canvas, 0, 0)
    this.under = null
    this.#send() // the newest frame, if one came meanwhile
    this.show({ ...told, faces: told.faces ?? [], width: told.width ?? this.shown.width,
      height: told.height ?? this.shown.height })
    requestAnimationFrame(() => setTimeout(() => this.#measure(under, told))) // behind the painting
  }

  /** The delay from the frame's moment to its boxes' painting, told to whoever listens on the document. */
  #measure(under, told) {
    const now = performance.now()
    const detail = { seq: told.seq, delay: now - under.taken, there: told.ms ?? null, faces: told.faces?.length ?? 0, at: now }
    this.delays = [...this.delays.slice(1 - KEPT), detail]
    document.dispatchEvent(new CustomEvent("mien:frame", { detail }))
  }

  /** Milliseconds from frame to boxes at the median, and frames a second, of the last ones; null before any. */
  pace() {
    if (this.delays.length < 2) return null
    const sorted = this.delays.map(each => each.delay).sort((a, b) => a - b)
    const seconds = (this.delays.at(-1).at - this.delays[0].at) / 1000
    return { delay: sorted[Math.floor(sorted.length / 2)], rate: (this.delays.length - 1) / seconds }
  }

  #release() {
    this.stream?.getTracks().forEach(track => track.stop())
    return null
  }

  stop(line = null) {
    if (this.over) return
    this.over = true
    this.#release()
    if (this.socket) {
      this.socket.onclose = null
      this.socket.close()
    }
    this.ended(line)
  }
}

function fit(canvas, width, height) {
  if (canvas.width !== width) canvas.width = width
  if (canvas.height !== height) canvas.height = height
}
