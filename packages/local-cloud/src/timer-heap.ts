/** A timer that waits for its turn. */
export interface Timer {
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Decides between timers of one moment, then `order` does. */
  readonly tie: number
  readonly order: number
  readonly task: () => void
  /** Where it stands in its heap; -1 when it stands in none. */
  index: number
}

const precedes = (a: Timer, b: Timer): boolean =>
  a.at < b.at || (a.at === b.at && (a.tie < b.tie || (a.tie === b.tie && a.order < b.order)))

/** A binary heap, earliest timer first; each timer knows its place, so that taking it out needs no search. */
export class TimerHeap {
  readonly #timers: Timer[] = []

  get size(): number {
    return this.#timers.length
  }

  first(): Timer | undefined {
    return this.#timers[0]
  }

  add(timer: Timer): void {
    this.#timers.push(timer)
    this.#rise(timer, this.#timers.length - 1)
  }

  /** Nothing happens when it is gone already. */
  remove(timer: Timer): void {
    const { index } = timer
    if (index < 0) return
    timer.index = -1
    const last = this.#timers.pop()
    if (last === undefined || last === timer) return
    const parent = this.#timers[(index - 1) >> 1]
    if (parent && precedes(last, parent)) this.#rise(last, index)
    else this.#sink(last, index)
  }

  #rise(timer: Timer, from: number): void {
    let index = from
    while (index > 0) {
      const above = (index - 1) >> 1
      const parent = this.#timers[above]
      if (!parent || !precedes(timer, parent)) break
      this.#place(parent, index)
      index = above
    }
    this.#place(timer, index)
  }

  #sink(timer: Timer, from: number): void {
    let index = from
    for (;;) {
      const left = 2 * index + 1
      const [first, second] = [this.#timers[left], this.#timers[left + 1]]
      const child = first && second && precedes(second, first) ? second : first
      if (!child || !precedes(child, timer)) break
      this.#place(child, index)
      index = child === first ? left : left + 1
    }
    this.#place(timer, index)
  }

  #place(timer: Timer, index: number): void {
    this.#timers[index] = timer
    timer.index = index
  }
}
