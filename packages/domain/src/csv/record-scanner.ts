/** Where one record stands: bytes `start` to `end` (its line end excluded), beginning on physical line `line`, counted from 1. */
export interface ScannedRecord {
  readonly start: number
  readonly end: number
  readonly line: number
}

const lineFeed = 0x0a
const carriageReturn = 0x0d
const doubleQuote = 0x22
const comma = 0x2c

/** Between records; at the start of a field; inside a bare field; inside quotes; just behind a quote that may close. */
const between = 0
const fieldStart = 1
const bare = 2
const quoted = 3
const closing = 4

/**
 * Finds the records of a CSV file that arrives in blocks of any size, without keeping a byte of it. LF, CRLF and CR end a
 * record except inside quotes; a quote opens only at the start of a field; empty lines are no records. Works on bytes
 * because none of the four that matter occurs inside a UTF-8 sequence.
 */
export class RecordScanner {
  #offset: number
  #line: number
  #state = between
  #behindCarriageReturn = false
  #recordStart = 0
  #recordLine = 0

  /** `offset` and `line` are those of the first byte that will be pushed. */
  constructor(offset = 0, line = 1) {
    this.#offset = offset
    this.#line = line
  }

  /** How far it has got: the offset of the next byte. */
  get offset(): number {
    return this.#offset
  }

  /** The line that the next byte belongs to. */
  get line(): number {
    return this.#line
  }

  /** The record that has begun and not ended: its line, its bytes so far, and whether a quote stands open in it. */
  get open(): { readonly line: number; readonly bytes: number; readonly inQuotes: boolean } | undefined {
    if (this.#state === between) return undefined
    return {
      line: this.#recordLine,
      bytes: this.#offset - this.#recordStart,
      inQuotes: this.#state === quoted,
    }
  }

  push(block: Uint8Array, onRecord: (record: ScannedRecord) => void): void {
    let state = this.#state
    let offset = this.#offset
    for (const byte of block) {
      if (byte === lineFeed || byte === carriageReturn) {
        if (byte === carriageReturn || !this.#behindCarriageReturn) this.#line += 1
        this.#behindCarriageReturn = byte === carriageReturn
        if (state !== between && state !== quoted) {
          onRecord({ start: this.#recordStart, end: offset, line: this.#recordLine })
          state = between
        }
      } else {
        this.#behindCarriageReturn = false
        if (state === between) {
          this.#recordStart = offset
          this.#recordLine = this.#line
          state = fieldStart
        }
        if (state === quoted) {
          if (byte === doubleQuote) state = closing
        } else if (byte === comma) state = fieldStart
        else if (byte === doubleQuote) state = state === bare ? bare : quoted
        else state = bare
      }
      offset += 1
    }
    this.#state = state
    this.#offset = offset
  }

  /** The last record, if the file does not end in a line end. What then is still `open` stands in quotes that never close. */
  end(onRecord: (record: ScannedRecord) => void): void {
    if (this.#state === between || this.#state === quoted) return
    onRecord({ start: this.#recordStart, end: this.#offset, line: this.#recordLine })
    this.#state = between
  }
}
