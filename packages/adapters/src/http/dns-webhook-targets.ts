import { Busy } from '@stockroom/domain/busy'
import type { WebhookTargets } from '@stockroom/domain/webhook/webhook-targets'
import type { Network } from './address-policy.ts'
import { type Lookup, lookupAll, resolveTarget } from './webhook-target.ts'

/** Judges URLs by the addresses that their names have at this moment; the client judges them again when it sends. */
export class DnsWebhookTargets implements WebhookTargets {
  readonly #allowedNetworks: readonly Network[]
  readonly #lookup: Lookup
  readonly #deadline: () => AbortSignal

  constructor(
    allowedNetworks: readonly Network[],
    lookup: Lookup = lookupAll,
    deadline: () => AbortSignal = () => AbortSignal.timeout(5_000),
  ) {
    this.#allowedNetworks = allowedNetworks
    this.#lookup = lookup
    this.#deadline = deadline
  }

  /** @throws Busy when the name servers do not answer: that says nothing of the URL. */
  async refusal(url: string): Promise<string | undefined> {
    const signal = this.#deadline()
    const policy = { lookup: this.#lookup, allowedNetworks: this.#allowedNetworks }
    try {
      const target = await resolveTarget(url, policy, signal)
      return 'refusal' in target ? target.refusal : undefined
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : ''
      // All that getaddrinfo says beside "no such name": try again, or a server that fails for good.
      if (signal.aborted || code.startsWith('EAI_')) throw new Busy('The name server')
      if (code === 'ENOTFOUND' || code === 'ENODATA') return 'The host has no address'
      throw error
    }
  }
}
