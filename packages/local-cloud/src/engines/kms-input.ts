import { isObject } from '../template/property-reader.ts'
import { KmsError } from './kms-error.ts'

/** A request's members, checked as they are read. Every method throws a {@link KmsError} for a member that is not valid. */
export class KmsInput {
  readonly #input: Readonly<Record<string, unknown>>

  constructor(input: unknown) {
    if (!isObject(input)) throw new KmsError('SerializationException')
    this.#input = input
  }

  text(name: string): string {
    const value = this.optionalText(name)
    if (value === undefined) throw invalid(name, 'Member must not be null')
    return value
  }

  optionalText(name: string): string | undefined {
    const value = this.#input[name]
    if (value === undefined || value === null || typeof value === 'string') return value ?? undefined
    throw new KmsError('SerializationException')
  }

  optionalNumber(name: string): number | undefined {
    const value = this.#input[name]
    if (value === undefined || value === null || typeof value === 'number') return value ?? undefined
    throw new KmsError('SerializationException')
  }

  /** A blob, which is base64 on the wire. */
  bytes(name: string, maximumLength: number): Buffer {
    const bytes = Buffer.from(this.text(name), 'base64')
    if (bytes.length === 0 || bytes.length > maximumLength) {
      throw invalid(name, `Member must have length between 1 and ${maximumLength}`)
    }
    return bytes
  }

  /** The encryption context in a form that does not depend on the order of its pairs; authenticated, not stored. */
  context(): Buffer {
    const context = this.#input.EncryptionContext ?? {}
    if (!isObject(context)) throw new KmsError('SerializationException')
    const pairs = Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1))
    return Buffer.from(JSON.stringify(pairs))
  }

  macAlgorithm(): 'HMAC_SHA_256' {
    if (this.text('MacAlgorithm') === 'HMAC_SHA_256') return 'HMAC_SHA_256'
    throw new KmsError('InvalidKeyUsageException', 'The algorithm is not valid for this key.')
  }
}

const invalid = (member: string, problem: string): KmsError =>
  new KmsError('ValidationException', `1 validation error detected: Value at '${member}' failed: ${problem}`)
