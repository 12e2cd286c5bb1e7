// The picture, video or camera frame with the boxes of its faces over it.

import { answer } from "./words.js"

export class Stage {
  constructor({ viewer, frame, media, boxes, caption }, choose) {
    Object.assign(this, { viewer, frame, media, boxes, caption })
    boxes.addEventListener("click", event => {
      const box = event.target.closest(".box")
      if (box) choose([...boxes.children].indexOf(box))
    })
  }

  /** Put an element of this size in pixels on show. */
  put(element, width, height, caption) {
    if (this.media.firstChild !== element) this.media.replaceChildren(element)
    this.size(width, height)
    this.caption.textContent = caption
    this.viewer.hidden = false
  }

  size(width, height) {
    this.width = width
    this.height = height
    this.frame.style.setProperty("--w", String(width))
    this.frame.style.setProperty("--h", String(height))
  }

  clear() {
    this.media.replaceChildren()
    this.boxes.replaceChildren()
    this.viewer.hidden = true
  }

  /** Boxes in pixels of the picture; `heat` lays each face's own heat map over it. */
  show(faces, chosen, heat = false) {
    while (this.boxes.children.length > faces.length) this.boxes.lastChild.remove()
    while (this.boxes.children.length < faces.length) {
      const box = document.createElement("div")
      box.append(document.createElement("span"))
      this.boxes.append(box)
    }
    faces.forEach((face, i) => this.#box(this.boxes.children[i], face, i, i === chosen, heat))
  }

  #box(box, face, i, chosen, heat) {
    const [left, top, right, bottom] = face.box
    box.className = `box${chosen ? " chosen" : ""}${face.abstain || !face.top ? " declines" : ""}`
    box.dataset.emotion = face.abstain ? "" : face.top ?? ""
    box.style.left = `${100 * left / this.width}%`
    box.style.top = `${100 * top / this.height}%`
    box.style.width = `${100 * (right - left) / this.width}%`
    box.style.height = `${100 * (bottom - top) / this.height}%`
    box.querySelector("span").textContent = `${i + 1} ${chosen || face.abstain ? answer(face) : face.top ?? "?"}`
    box.classList.toggle("low", top < 0.08 * this.height) // no room above: the words go below
    box.querySelector("img")?.remove()
    if (heat && face.heat?.startsWith("data:image/png;base64,")) {
      const map = document.createElement("img")
      map.alt = ""
      map.src = face.heat
      box.prepend(map)
    }
  }
}
