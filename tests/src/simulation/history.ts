import type { ApiAnswer, ApiRequest, InjectedFault } from './world.ts'

/** One request with all attempts that its client made until it was answered for good. */
export interface Exchange {
  readonly request: ApiRequest
  /** Milliseconds of the world's time when the first attempt began. */
  readonly at: number
  /** What each attempt got; attempts that got nothing are `no answer`. */
  readonly attempts: (ApiAnswer | 'no answer')[]
  /** The last answer, once the client is content with it: neither a 5xx nor a request to come back. */
  answer: ApiAnswer | undefined
}

/** One file that was sent with an upload's form, and what an honest import of it comes to. */
export interface SentFile {
  readonly merchant: string
  readonly uploadId: string
  readonly stored: 'stored' | 'refused' | 'no answer'
  /** Units per sku; undefined when the file as a whole has to be refused. */
  readonly units: ReadonlyMap<string, number> | undefined
  readonly rowsWrong: number
}

/** An endpoint that was registered, and the inbox behind it. */
export interface Subscription {
  readonly merchant: string
  readonly id: string
  readonly inbox: string
  readonly secret: string
  /** Milliseconds of the world's time when its registration was answered. */
  readonly at: number
}

interface Line {
  readonly at: number
  readonly text: string
}

/** All that a run knows from outside: what was asked and answered, and what was done to the system. */
export class History {
  readonly exchanges: Exchange[] = []
  readonly files: SentFile[] = []
  readonly subscriptions: Subscription[] = []
  /** `inbox mood` of every receiver that was ever in one. */
  readonly moods = new Set<string>()
  readonly #lines: Line[] = []
  readonly #aliases = new Map<string, string>()
  readonly #counts = new Map<string, number>()
  readonly #now: () => number
  readonly #start: number

  constructor(now: () => number) {
    this.#now = now
    this.#start = now()
  }

  /** Writes one line at the world's present time. */
  note(text: string): void {
    this.#lines.push({ at: this.#now(), text })
  }

  /** `  12.345 place …`: what happened and the faults between, in the order of time; ids are short and numbered as they first appear. */
  lines(faults: readonly InjectedFault[]): readonly string[] {
    const injected = faults.map(({ at, kind, where }) => ({ at, text: `    ! ${kind}: ${where}` }))
    return [...this.#lines, ...injected]
      .map((line, index) => ({ ...line, index }))
      .sort((a, b) => a.at - b.at || a.index - b.index)
      .map(({ at, text }) => `${((at - this.#start) / 1_000).toFixed(3).padStart(10)} ${this.#shorten(text)}`)
  }

  #shorten(text: string): string {
    return text.replace(/\b(ord|upl|evt|whk)_[0-9A-HJKMNP-TV-Z]{26}/g, (id, prefix: string) => {
      const known = this.#aliases.get(id)
      if (known !== undefined) return known
      const number = (this.#counts.get(prefix) ?? 0) + 1
      this.#counts.set(prefix, number)
      this.#aliases.set(id, `${prefix}#${number}`)
      return `${prefix}#${number}`
    })
  }
}
