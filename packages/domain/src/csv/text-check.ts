/**
 * Checks that bytes arriving in blocks are UTF-8 text without NUL. The decoder of the Encoding standard
 * (https://encoding.spec.whatwg.org/#utf-8-decoder) without its output, because `TextDecoder` does not tell where it failed.
 */
export class TextCheck {
  /** Continuation bytes that must follow, and the range of the next one: narrower behind E0, ED, F0 and F4. */
  #missing = 0
  #lowest = 0x80
  #highest = 0xbf

  /** The index in `block` of the first byte that cannot stand there, and why; `undefined` when all can. */
  push(block: Uint8Array): { readonly index: number; readonly fault: 'nul' | 'not_utf8' } | undefined {
    let index = 0
    for (const byte of block) {
      if (byte === 0) return { index, fault: 'nul' }
      if ((this.#missing > 0 || byte > 0x7f) && !this.#accepts(byte)) return { index, fault: 'not_utf8' }
      index += 1
    }
    return undefined
  }

  /** Whether the text so far ends inside a character. */
  get incomplete(): boolean {
    return this.#missing > 0
  }

  #accepts(byte: number): boolean {
    if (this.#missing > 0) {
      if (byte < this.#lowest || byte > this.#highest) return false
      this.#missing -= 1
      this.#lowest = 0x80
      this.#highest = 0xbf
      return true
    }
    if (byte < 0xc2 || byte > 0xf4) return false
    this.#missing = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3
    if (byte === 0xe0) this.#lowest = 0xa0
    if (byte === 0xed) this.#highest = 0x9f
    if (byte === 0xf0) this.#lowest = 0x90
    if (byte === 0xf4) this.#highest = 0x8f
    return true
  }
}
