/**
 * Request, Response and Headers as far as this API uses them, in place of Node's. Those load all of undici on the first request: 40 ms of
 * a cold start and 18 MB (bench). Hono and fetch-adapter.ts find these through the globals; fetch-adapter.test.ts holds both to the same tests.
 */
type Fields = Iterable<readonly [string, string]> | Readonly<Record<string, string>>

class LightHeaders {
  readonly #values = new Map<string, string[]>()

  constructor(fields: Fields = {}) {
    for (const [name, value] of Symbol.iterator in fields ? fields : Object.entries(fields))
      this.append(name, value)
  }

  append(name: string, value: string): void {
    const key = name.toLowerCase()
    this.#values.set(key, [...(this.#values.get(key) ?? []), value])
  }

  set(name: string, value: string): void {
    this.#values.set(name.toLowerCase(), [value])
  }

  get(name: string): string | null {
    return this.#values.get(name.toLowerCase())?.join(', ') ?? null
  }

  getSetCookie(): string[] {
    return this.#values.get('set-cookie') ?? []
  }

  *[Symbol.iterator](): IterableIterator<[string, string]> {
    for (const [name, values] of this.#values)
      for (const value of name === 'set-cookie' ? values : [values.join(', ')]) yield [name, value]
  }
}

class LightRequest {
  readonly url: string
  readonly method: string
  readonly headers: LightHeaders
  readonly #body: Uint8Array

  constructor(url: string, init: { method: string; headers: LightHeaders; body?: Uint8Array }) {
    this.url = url
    this.method = init.method
    this.headers = init.headers
    this.#body = init.body ?? new Uint8Array()
  }

  async bytes(): Promise<Uint8Array> {
    return this.#body
  }
}

class LightResponse {
  readonly status: number
  readonly headers: LightHeaders
  readonly #body: string

  constructor(body: string | null, init: { status?: number; headers?: Fields } = {}) {
    this.status = init.status ?? 200
    this.headers = new LightHeaders(init.headers)
    this.#body = body ?? ''
  }

  async text(): Promise<string> {
    return this.#body
  }
}

/** Puts them in place of Node's for the whole function. By assignment: defineProperty would load what it replaces. */
export const useLightFetch = (): void => {
  Object.assign(globalThis, { Headers: LightHeaders, Request: LightRequest, Response: LightResponse })
}
