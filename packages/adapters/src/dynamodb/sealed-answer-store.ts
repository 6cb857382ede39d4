import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import type { AnswerStore, KeyedAnswer } from '@stockroom/domain/idempotency/answer-store'
import type { KeyedRequest } from '@stockroom/domain/idempotency/keyed-request'
import { accepted, type Outcome } from '@stockroom/domain/refusal'

/**
 * Answers that hold a secret: what is stored is encrypted under the request's idempotency key, of which the store has a hash only. Who
 * sends the key again gets the answer again; who reads the table, or may use every key of KMS, does not. As strong as the key is hard to guess.
 */
export class SealedAnswerStore implements AnswerStore {
  readonly #answers: AnswerStore

  constructor(answers: AnswerStore) {
    this.#answers = answers
  }

  async find(request: KeyedRequest): ReturnType<AnswerStore['find']> {
    const stored = await this.#answers.find(request)
    if (!stored?.outcome?.ok) return stored
    return { fingerprint: stored.fingerprint, outcome: open(request, String(stored.outcome.value)) }
  }

  keep(answer: KeyedAnswer): Promise<'kept' | 'already_answered'> {
    return this.#answers.keep(sealAnswer(answer))
  }
}

const cipher = 'aes-256-gcm'
const saltBytes = 16
const ivBytes = 12
const tagBytes = 16

/** An answer whose acceptance is encrypted; refusals hold no secret and stay as they are. */
export const sealAnswer = ({ request, outcome }: KeyedAnswer): KeyedAnswer => {
  if (!outcome.ok) return { request, outcome }
  const [salt, iv] = [randomBytes(saltBytes), randomBytes(ivBytes)]
  const encryption = createCipheriv(cipher, keyOf(request, salt), iv)
  const text = Buffer.concat([encryption.update(JSON.stringify(outcome)), encryption.final()])
  const sealed = Buffer.concat([salt, iv, encryption.getAuthTag(), text])
  return { request, outcome: accepted(sealed.toString('base64')) }
}

const open = (request: KeyedRequest, sealed: string): Outcome<unknown> => {
  const bytes = Buffer.from(sealed, 'base64')
  const [ivAt, tagAt, textAt] = [saltBytes, saltBytes + ivBytes, saltBytes + ivBytes + tagBytes]
  const key = keyOf(request, bytes.subarray(0, ivAt))
  const decryption = createDecipheriv(cipher, key, bytes.subarray(ivAt, tagAt), { authTagLength: tagBytes })
  decryption.setAuthTag(bytes.subarray(tagAt, textAt))
  return JSON.parse(
    `${decryption.update(bytes.subarray(textAt), undefined, 'utf8')}${decryption.final('utf8')}`,
  )
}

const keyOf = ({ merchant, principal, route, key }: KeyedRequest, salt: Buffer): Buffer =>
  Buffer.from(hkdfSync('sha256', key, salt, JSON.stringify([merchant, principal, route]), 32))
