// One thing at a time, and of those that come meanwhile only the newest.

export class Latest {
  #busy = false
  #waits = null

  /** `work(thing)` is an async function; what it throws goes to `failed`. */
  constructor(work, failed) {
    this.work = work
    this.failed = failed
  }

  async offer(thing) {
    this.#waits = { thing }
    if (this.#busy) return
    this.#busy = true
    while (this.#waits) {
      const { thing: next } = this.#waits
      this.#waits = null
      try {
        await this.work(next)
      } catch (error) {
        this.failed(error)
      }
    }
    this.#busy = false
  }
}
