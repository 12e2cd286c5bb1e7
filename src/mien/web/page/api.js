// Talks to the server this page came from, and to no other.

export const root = new URL("..", import.meta.url)

const token = takeToken()

/** The token of the address, kept for this tab and taken out of the address, so that no history or picture shows it. */
function takeToken() {
  const here = new URL(location.href)
  const given = here.searchParams.get("token")
  if (given) {
    sessionStorage.setItem("token", given)
    here.searchParams.delete("token")
    history.replaceState(null, "", here)
  }
  return given ?? sessionStorage.getItem("token")
}

/** What the server, or the way to it, said no with: one line with the remedy. */
export class Refused extends Error {
  constructor(message, status = 0, after = null) {
    super(message)
    this.status = status
    this.after = after // seconds to wait
  }
}

export function headers() {
  return token ? { Authorization: `Bearer ${token}` } : {}
}

/** The line to show for a status and the body that came with it. */
export function refusal(status, text, after = null) {
  let line = ""
  try {
    const told = JSON.parse(text)
    line = typeof told.error === "string" ? told.error : typeof told.detail === "string" ? told.detail : ""
  } catch { /* not from mien: a proxy's own page */ }
  if (status === 401 || status === 403) line ||= "This server wants a token; open the address that mien serve printed."
  line ||= status === 413 ? "The file is too large for this server; send a smaller one." : `The server answered ${status}; try again.`
  return new Refused(line, status, Number(after) || null)
}

const SILENT = () => new Refused(`No answer from ${location.host}; is mien serve still running?`)

/** Ask; the answer as JSON, or as `as` says: "blob", "text". */
export async function ask(path, { method = "GET", body, query, signal, keepalive, as = "json" } = {}) {
  const url = new URL(path, root)
  for (const [key, value] of Object.entries(query ?? {})) url.searchParams.set(key, value)
  let answer
  try {
    answer = await fetch(url, { method, body, signal, keepalive, headers: headers(), cache: "no-store" })
  } catch (error) {
    if (error.name === "AbortError") throw error
    throw SILENT()
  }
  if (!answer.ok) throw refusal(answer.status, await answer.text(), answer.headers.get("Retry-After"))
  return answer[as]()
}

/** As `ask`, waiting as long as a busy server asks for, a few times. */
export async function askPatiently(path, options, tries = 5) {
  for (let left = tries; ; left--) {
    try {
      return await ask(path, options)
    } catch (error) {
      if (error.status !== 429 || left <= 1) throw error
      await new Promise(done => setTimeout(done, 1000 * Math.min(error.after ?? 1, 10)))
    }
  }
}

/** A form with a file under the contract's name, and what else is given. */
export function form(file, name = "file", more = {}) {
  const data = new FormData()
  data.append("file", file, name)
  for (const [key, value] of Object.entries(more)) data.append(key, value)
  return data
}

/** Send a file with word of how much of it is gone: `sent(share)`. */
export function send(path, body, sent) {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest()
    request.open("POST", new URL(path, root))
    for (const [key, value] of Object.entries(headers())) request.setRequestHeader(key, value)
    request.upload.onprogress = event => event.lengthComputable && sent(event.loaded / event.total)
    request.onerror = () => fail(SILENT())
    request.onload = () => {
      if (request.status < 200 || request.status > 299) fail(refusal(request.status, request.responseText))
      else done(JSON.parse(request.responseText))
    }
    request.send(body)
  })
}

export function socket(path) {
  const url = new URL(path, root)
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:"
  if (token) url.searchParams.set("token", token)
  return new WebSocket(url)
}
