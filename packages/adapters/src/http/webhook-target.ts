import { lookup as systemLookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { isInside, isPublicAddress, type Network } from './address-policy.ts'

export interface Address {
  readonly address: string
  readonly family: number
}
export type Lookup = (host: string) => Promise<readonly Address[]>

export const lookupAll: Lookup = (host) => systemLookup(host, { all: true })

/** A URL that may be called, and the addresses that may be called for it: connect to these and to nothing else. */
export interface WebhookTarget {
  readonly url: URL
  readonly addresses: readonly Address[]
}

export interface TargetPolicy {
  readonly lookup: Lookup
  /** Reachable although not public, by http and on any port; empty outside development. */
  readonly allowedNetworks: readonly Network[]
}

const publicPorts = new Set(['', '443', '8443'])

/**
 * Checks a URL and all addresses of its name: `https`, port 443 or 8443, public addresses only. Literal addresses come in every form that
 * WHATWG URL knows (decimal, hex, octal, short, full-width, mapped) and leave `URL` in one. Rejects with the system's error when the name
 * cannot be resolved, and with the signal's reason when it takes too long.
 */
export const resolveTarget = async (
  text: string,
  { lookup, allowedNetworks }: TargetPolicy,
  signal: AbortSignal,
): Promise<WebhookTarget | { readonly refusal: string }> => {
  const url = URL.parse(text)
  if (url === null) return { refusal: 'This is not a URL' }
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return { refusal: 'The URL must begin with https://' }
  if (url.username !== '' || url.password !== '')
    return { refusal: 'The URL must not hold a user or a password' }

  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const family = isIP(host)
  // Node asks no lookup function about a literal address, so it must be judged here.
  const addresses = family === 0 ? await orAborted(lookup(host), signal) : [{ address: host, family }]
  if (addresses.length > 0 && addresses.every(({ address }) => isInside(address, allowedNetworks)))
    return { url, addresses }
  if (url.protocol !== 'https:') return { refusal: 'The URL must begin with https://' }
  if (!publicPorts.has(url.port)) return { refusal: 'The port must be 443 or 8443' }
  // One private address among public ones is enough: the connection might take it.
  if (addresses.length === 0 || !addresses.every(({ address }) => isPublicAddress(address)))
    return { refusal: 'The host must have public addresses only' }
  return { url, addresses }
}

/** The system's resolver cannot be cancelled; what it says after the signal is not waited for. */
const orAborted = async <T>(work: Promise<T>, signal: AbortSignal): Promise<T> => {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const abort = () => reject(signal.reason)
  signal.addEventListener('abort', abort)
  try {
    signal.throwIfAborted()
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
