// The list of faces: a sentence and bars for each, one of them chosen.

import { EMOTIONS, answer, beside, number, percent, sentence, title } from "./words.js"

const FEW = 4 // faces whose bars all stand open; of more only the chosen one's do

export class FaceList {
  /** `choose(i)` is called when a person picks a face. */
  constructor(list, none, choose) {
    this.list = list
    this.none = none
    this.choose = choose
    list.addEventListener("click", event => this.#picked(event.target.closest("button")))
    list.addEventListener("keydown", event => this.#keyed(event))
  }

  /** Show these faces; items are used again, so that focus stays while a video plays. */
  show(faces, chosen, nothing) {
    while (this.list.children.length > faces.length) this.list.lastChild.remove()
    while (this.list.children.length < faces.length) this.list.append(item())
    faces.forEach((face, i) => fill(this.list.children[i], face, i, i === chosen, faces.length <= FEW))
    this.none.hidden = faces.length > 0
    if (!faces.length && this.none.textContent !== nothing) this.none.textContent = nothing
  }

  #picked(button) {
    if (button) this.choose([...this.list.children].indexOf(button.closest("li")))
  }

  #keyed(event) {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key]
    const item = event.target.closest("li")
    const next = step < 0 ? item?.previousElementSibling : item?.nextElementSibling
    if (!step || !next) return
    event.preventDefault()
    next.querySelector("button").focus()
    this.#picked(next.querySelector("button"))
  }
}

function make(tag, className, ...children) {
  const node = document.createElement(tag)
  if (className) node.className = className
  node.append(...children)
  return node
}

function item() {
  const bars = make("dl", "bars")
  for (const name of EMOTIONS) {
    const bar = make("span", "bar", make("span", "fill"))
    bar.dataset.emotion = name
    bar.setAttribute("aria-hidden", "true")
    bars.append(make("dt", "", name), make("dd", "", bar, make("span", "value")))
  }
  const head = make("button", "", make("span", "which"), make("span", "answer"), make("span", "beside"))
  head.type = "button"
  return make("li", "", head, bars, make("p", "more faint"))
}

function put(node, text) {
  if (node.textContent !== text) node.textContent = text
}

function fill(item, face, i, chosen, open) {
  const head = item.querySelector("button")
  item.classList.toggle("chosen", chosen)
  item.classList.toggle("declines", Boolean(face.abstain) || !face.top)
  item.dataset.emotion = face.abstain ? "" : face.top ?? ""
  head.setAttribute("aria-pressed", String(chosen))
  head.setAttribute("aria-label", sentence(face, title(face, i)))
  put(head.querySelector(".which"), title(face, i))
  put(head.querySelector(".answer"), answer(face))
  put(head.querySelector(".beside"), beside(face))
  const shown = open || chosen
  item.querySelector(".bars").hidden = !shown
  EMOTIONS.forEach((name, k) => {
    const p = face.emotion?.[name] ?? null
    const cell = item.querySelectorAll("dd")[k]
    cell.querySelector(".fill").style.setProperty("--p", String(p ?? 0))
    put(cell.querySelector(".value"), percent(p))
  })
  const more = []
  if (face.valence !== null && face.valence !== undefined) {
    more.push(`valence ${number(face.valence)}`, `arousal ${number(face.arousal)}`)
  }
  for (const [unit, value] of Object.entries(face.action_units ?? {})) more.push(`${unit} ${number(value)}`)
  const last = item.querySelector(".more")
  put(last, more.join(" \u00b7 "))
  last.hidden = !shown || !more.length
}
