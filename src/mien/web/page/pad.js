// The expression pad: a square of the generator's space; a place in it makes the chosen face look so.

import { Refused, ask, form } from "./api.js"
import { Latest } from "./latest.js"
import { save } from "./rows.js"
import { NEUTRAL, number } from "./words.js"

const STEP = 0.05, STRIDE = 0.2
const REACH = 0.45 // of the square's side from its middle to a coordinate of 1: there is a margin for words
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }

export class Pad {
  /** `subject()` is the picture and the face to edit, `{file, name, face}`, or null; `failed(error)` hears of trouble. */
  constructor({ section, pad, names, text, edited, saving }, subject, failed) {
    Object.assign(this, { section, pad, names, text, edited, saving, subject })
    this.at = [0, 0]
    this.edits = new Latest(place => this.#edit(place), failed)
    pad.addEventListener("pointerdown", event => {
      pad.setPointerCapture(event.pointerId)
      this.#pointed(event)
    })
    pad.addEventListener("pointermove", event => event.buttons & 1 && this.#pointed(event))
    pad.addEventListener("keydown", event => this.#keyed(event))
    saving.addEventListener("click", () => this.blob && save(this.blob, `made-${this.name.replace(/\.[^.]*$/, "")}.png`))
  }

  /** Look whether a generator is loaded; without one the pad stays away. */
  async open() {
    try {
      this.space = await ask("v1/edit/space")
    } catch (error) {
      if (error instanceof Refused) return
      throw error
    }
    if (this.space.png?.startsWith("data:image/")) {
      const picture = document.createElement("img")
      picture.src = this.space.png
      picture.alt = ""
      this.pad.append(picture)
    }
    this.dot = document.createElement("span")
    this.dot.className = "dot"
    for (const [name, place] of Object.entries(this.space.emotions)) this.#name(name, place)
    this.pad.append(this.dot)
    this.home = this.space.emotions[NEUTRAL] ?? [0, 0]
    this.#place(this.home)
  }

  /** Another face is the subject. */
  reset() {
    this.section.hidden = !this.space || !this.subject()
    this.edited.hidden = this.saving.hidden = true
    this.blob = null
    if (this.space) this.#place(this.home)
  }

  #name(name, place) {
    const mark = document.createElement("span")
    const word = document.createElement("span")
    word.textContent = name
    word.style.setProperty("--x", String(place[0])) // words at the edge lean inwards
    mark.className = place[1] > 0.8 ? "mark below" : "mark"
    mark.dataset.emotion = name
    mark.append(word)
    put(mark, place)
    this.pad.append(mark)
    const chip = document.createElement("button")
    chip.type = "button"
    chip.textContent = name
    chip.dataset.emotion = name
    chip.addEventListener("click", () => this.go(place))
    this.names.append(chip)
  }

  go(place) {
    this.#place(place)
    this.edits.offer(this.at)
  }

  #place([x, y]) {
    const within = value => Math.round(1000 * Math.min(1, Math.max(-1, value))) / 1000
    this.at = [within(x), within(y)]
    put(this.dot, this.at)
    const [near] = Object.entries(this.space.emotions).sort(([, a], [, b]) => this.#far(a) - this.#far(b))[0]
    this.text.textContent = `x ${number(this.at[0])}, y ${number(this.at[1])}; nearest: ${near}`
  }

  #far([x, y]) {
    return Math.hypot(x - this.at[0], y - this.at[1])
  }

  #pointed(event) {
    const box = this.pad.getBoundingClientRect()
    const [x, y] = [(event.clientX - box.left) / box.width - 0.5, 0.5 - (event.clientY - box.top) / box.height]
    this.go([x / REACH, y / REACH])
  }

  #keyed(event) {
    const [dx, dy] = KEYS[event.key] ?? []
    if (dx === undefined && event.key !== "Home") return
    event.preventDefault()
    const step = event.shiftKey ? STRIDE : STEP
    this.go(event.key === "Home" ? this.home : [this.at[0] + step * dx, this.at[1] + step * dy])
  }

  async #edit([x, y]) {
    const subject = this.subject()
    if (!subject) return
    const { file, name, face } = subject
    const blob = await ask("v1/edit", { method: "POST", body: form(file, name, { x, y, face }), as: "blob" })
    const now = this.subject()
    if (now?.file !== file || now.face !== face) return // another face was chosen meanwhile
    this.blob = blob
    this.name = name
    if (this.edited.src) URL.revokeObjectURL(this.edited.src)
    this.edited.src = URL.createObjectURL(blob)
    this.edited.alt = `Face ${face + 1} of ${name} with a made expression at x ${number(x)}, y ${number(y)}`
    this.edited.hidden = this.saving.hidden = false
  }
}

function put(node, [x, y]) {
  node.style.left = `${50 + 100 * REACH * x}%`
  node.style.top = `${50 - 100 * REACH * y}%`
}
