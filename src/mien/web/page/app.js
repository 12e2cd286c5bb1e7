// What is on the page, and which of pictures, video and camera it shows.

import { ask } from "./api.js"
import { FaceList } from "./faces.js"
import { Film } from "./film.js"
import { Live } from "./live.js"
import { Pad } from "./pad.js"
import { Pictures } from "./pictures.js"
import { save } from "./rows.js"
import { Stage } from "./stage.js"
import { Table } from "./table.js"
import { Timeline } from "./timeline.js"

const FILMS = /\.(mkv|avi|mov|mp4|m4v|webm|mpe?g|wmv|flv|ts|mts|3gp|ogv)$/i
const $ = id => document.getElementById(id)

let work = null // Pictures, Film or Live

const pick = i => work?.pick(i)
const row = index => work?.row(index)
const desk = {
  stage: new Stage({ viewer: $("viewer"), frame: $("frame"), media: $("media"), boxes: $("boxes"), caption: $("caption") }, pick),
  faces: new FaceList($("faces"), $("no-faces"), pick),
  timeline: new Timeline({ section: $("timeline"), plot: $("plot"), legend: $("legend"), track: $("track") }, row),
  table: new Table({
    section: $("table-section"), table: $("table"), before: $("table-before"), after: $("table-after"),
    place: $("table-place"), download: $("download"),
  }, row, download),
  pad: new Pad({
    section: $("pad-section"), pad: $("pad"), names: $("pad-names"), text: $("pad-text"), edited: $("edited"),
    saving: $("pad-save"),
  }, () => work?.subject() ?? null, error => desk.fail(error.message)),

  get heat() { return $("heat").checked },
  get smooth() { return $("smooth").checked },
  say(line) { $("status").textContent = line },
  note(line) { desk.say(line) },
  fail(line) {
    $("error").textContent = line
    $("error").hidden = !line
    if (line) desk.say("")
  },
  model({ model, labels }) { $("model").textContent = labels ? `${model}, labels ${labels}` : model },
  pager(now, n) {
    $("pager").hidden = n < 2
    $("place").textContent = `Picture ${now + 1} of ${n}`
  },
  progress(told) {
    $("job").hidden = told === null
    if (told === null) return
    if (told.share === null || told.share === undefined) $("job-progress").removeAttribute("value")
    else $("job-progress").value = told.share
    $("job-text").textContent = told.text
  },
  camera(on) {
    $("camera").textContent = on ? "Stop the camera" : "Start the camera"
    $("camera").setAttribute("aria-pressed", String(on))
    $("smooth-choice").hidden = !on
    $("every-choice").hidden = on
  },
  delay(line) {
    $("delay").hidden = !line
    $("delay").textContent = line ?? ""
  },
}

/** Leave what was shown and start this; nothing of the former work stays on the server. */
function begin(next, { heat = false } = {}) {
  work?.close()
  work = next
  desk.fail("")
  desk.stage.clear()
  desk.progress(null)
  desk.delay(null)
  desk.pager(0, 0)
  desk.table.mark(null)
  desk.table.show([])
  desk.timeline.show([])
  desk.pad.reset()
  $("drop").hidden = true
  $("again").hidden = false
  $("heat-choice").hidden = !heat
  work.open()
}

function take(files) {
  const given = [...files]
  const films = given.filter(file => file.type.startsWith("video/") || FILMS.test(file.name))
  const pictures = given.filter(file => !films.includes(file))
  if (!given.length) return
  if (films.length && (pictures.length || films.length > 1)) {
    desk.fail("One video at a time, without pictures beside it; for many files: mien analyze FOLDER.")
  } else if (films.length) {
    begin(new Film(desk, films[0], Object.fromEntries([$("every").value.split("=")])))
  } else {
    begin(new Pictures(desk, pictures), { heat: true })
  }
}

async function download() {
  try {
    const { blob, name } = await work.csv()
    save(blob, name)
  } catch (error) {
    desk.fail(error.message)
  }
}

function listen() {
  $("open").addEventListener("click", () => $("file").click())
  $("again").addEventListener("click", () => $("file").click())
  $("file").addEventListener("change", event => {
    take(event.target.files)
    event.target.value = "" // the same file may be chosen again
  })
  addEventListener("dragover", event => {
    event.preventDefault()
    document.body.classList.add("over")
  })
  addEventListener("dragleave", event => event.relatedTarget || document.body.classList.remove("over"))
  addEventListener("drop", event => {
    event.preventDefault()
    document.body.classList.remove("over")
    take(event.dataTransfer.files)
  })
  addEventListener("paste", event => take(event.clipboardData.files))
  $("camera").addEventListener("click", () => work instanceof Live && work.running ? work.stop() : begin(new Live(desk)))
  addEventListener("keydown", event => event.key === "Escape" && work instanceof Live && work.running && work.stop())
  $("before").addEventListener("click", () => work.turn?.(-1))
  $("after").addEventListener("click", () => work.turn?.(1))
  $("heat").addEventListener("change", () => work?.heat?.())
  $("job-cancel").addEventListener("click", () => work.cancel?.())
  addEventListener("pagehide", event => event.persisted || work?.close())
}

/** Where pictures go, in words: true of the address that the browser shows. */
function where() {
  const host = location.hostname.replace(/^\[|\]$/g, "")
  const here = host === "localhost" || host === "::1" || /^127\./.test(host)
  $("where").textContent = here ? "Pictures stay on this machine." : `Pictures are sent to ${location.host}.`
  $("where").classList.toggle("away", !here)
}

listen()
where()
document.documentElement.dataset.ready = "true"
Promise.all([desk.pad.open(), ask("v1/models").then(named)]).catch(error => desk.fail(error.message))

/** The model in use, before any picture says it: the first listed, or the one marked. */
function named(told) {
  const models = Array.isArray(told) ? told : told.models ?? []
  const used = models.find(each => each.loaded ?? each.default) ?? (models.length === 1 ? models[0] : null)
  if (used && !$("model").textContent) desk.model({ model: used.name, labels: used.labels })
}
