import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { LookupFunction } from 'node:net'
import type {
  DeliveryFailure,
  WebhookAnswer,
  WebhookClient,
  WebhookRequest,
} from '@stockroom/domain/webhook/webhook-client'
import type { Network } from './address-policy.ts'
import { signatureHeaders } from './standard-webhooks-signature.ts'
import { type Address, type Lookup, lookupAll, resolveTarget, type WebhookTarget } from './webhook-target.ts'

/** Name resolution, connection, request and answer together (Standard Webhooks 1.0 asks for 15 to 30 s). */
const deadlineMs = 15_000
/** Of an answer's body; what follows is not read. */
const maxBodyBytes = 65_536
/** Of 1xx answers before the one that counts: there may be any number (RFC 9110, 15.2), each as long as a header may be. */
const mostInterimAnswers = 10

/**
 * Sends webhooks over node:https. The name is resolved once, every address is checked, and the connection goes to these addresses: a name
 * that answers differently a moment later changes nothing. No redirects, no connection that outlives its request.
 */
export class HttpsWebhookClient implements WebhookClient {
  readonly #allowedNetworks: readonly Network[]
  readonly #lookup: Lookup
  readonly #deadline: () => AbortSignal

  constructor(
    allowedNetworks: readonly Network[],
    lookup: Lookup = lookupAll,
    deadline: () => AbortSignal = () => AbortSignal.timeout(deadlineMs),
  ) {
    this.#allowedNetworks = allowedNetworks
    this.#lookup = lookup
    this.#deadline = deadline
  }

  async post(request: WebhookRequest): Promise<WebhookAnswer> {
    const signal = this.#deadline()
    const policy = { lookup: this.#lookup, allowedNetworks: this.#allowedNetworks }
    try {
      const target = await resolveTarget(request.url, policy, signal)
      if ('refusal' in target) return { failure: 'target_refused' }
      return await exchange(target, request, signal)
    } catch (error) {
      const failure = signal.aborted ? 'timed_out' : failureOf(error)
      if (failure === undefined) throw error
      return { failure }
    }
  }
}

/** What came is no answer to a request: 1xx without end, or another protocol asked for. */
class NoAnswer extends Error {}

/** A status counts when the whole answer is there, or 64 KiB of it: one that breaks off or hangs says nothing certain. */
const exchange = async (
  { url, addresses }: WebhookTarget,
  { id, at, body, secrets, traceparent }: WebhookRequest,
  signal: AbortSignal,
): Promise<WebhookAnswer> => {
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest
  const request = send(url, {
    method: 'POST',
    signal,
    lookup: pinnedTo(addresses),
    // A connection of its own, closed with the answer: nothing of one receiver is left for the next.
    agent: false,
    headers: {
      'content-type': 'application/cloudevents+json; charset=utf-8',
      'content-length': Buffer.byteLength(body),
      'user-agent': 'Stockroom-Webhooks/1.0',
      ...signatureHeaders({ id, at, body }, secrets),
      ...(traceparent === undefined ? {} : { traceparent }),
    },
  })
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  let interimAnswers = 0
  request
    // Stays until the end: the request also tells of errors after the answer began.
    .on('error', reject)
    .on('response', resolve)
    .on('information', () => {
      interimAnswers += 1
      if (interimAnswers > mostInterimAnswers) reject(new NoAnswer())
    })
    // To a `101 Switching Protocols` Node closes the connection and says nothing more, not even at the deadline.
    .on('close', () => reject(new NoAnswer()))
    .end(body)
  try {
    const response = await promise
    await drain(response)
    const retryAfter = response.headers['retry-after']
    return { status: response.statusCode ?? 0, ...(retryAfter === undefined ? {} : { retryAfter }) }
  } finally {
    request.destroy()
  }
}

const drain = async (response: IncomingMessage): Promise<void> => {
  let bytes = 0
  for await (const chunk of response) {
    bytes += chunk.length
    if (bytes >= maxBodyBytes) return
  }
}

/** A lookup that knows one answer. Node asks it for all addresses when it may try several in turn. */
const pinnedTo =
  (addresses: readonly Address[]): LookupFunction =>
  (host, { all }, callback) => {
    const [first] = addresses
    if (first === undefined) callback(new Error(`${host} has no address`), '')
    else if (all) callback(null, [...addresses])
    else callback(null, first.address, first.family)
  }

/** What went wrong, from the codes of Node, its HTTP parser (HPE_) and OpenSSL; nothing for an error that is no receiver's doing. */
const failureOf = (error: unknown): DeliveryFailure | undefined => {
  if (error instanceof NoAnswer) return 'answer_unreadable'
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'ENOTFOUND' || code === 'ENODATA' || code.startsWith('EAI_')) return 'name_not_resolved'
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'connection_reset'
  if (code === 'EPROTO' || /^ERR_(TLS|SSL)_|CERT|SIGNATURE|SELF_SIGNED|UNABLE_TO_/.test(code))
    return 'tls_failed'
  if (code.startsWith('HPE_')) return 'answer_unreadable'
  if (/^E[A-Z]+$/.test(code)) return 'connection_failed'
  return undefined
}
