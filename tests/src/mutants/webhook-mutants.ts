import type { Mutant } from './mutant.ts'

const http = 'packages/adapters/src/http'
const client = (name: string) => ({ files: [`${http}/https-webhook-client.test.ts`], name })
const target = { files: [`${http}/webhook-target.test.ts`] }
const policy = { files: [`${http}/address-policy.test.ts`] }
const deliver = {
  files: [
    'packages/domain/src/webhook/deliver-webhook.test.ts',
    'packages/domain/src/webhook/crashes.test.ts',
  ],
}

/** The sender: where it may go, how long it stays, what it makes of an answer. */
export const webhookMutants: readonly Mutant[] = [
  {
    name: 'address: every kind of IPv4 is public',
    faults: [67],
    file: `${http}/address-policy.ts`,
    before: "parsed.range() === 'unicast' && (",
    after: "(parsed.kind() === 'ipv4' || parsed.range() === 'unicast') && (",
    test: policy,
  },
  {
    name: 'address: IPv6 outside the public block',
    faults: [67],
    file: `${http}/address-policy.ts`,
    before: "(parsed.kind() === 'ipv4' || parsed.match(globalUnicast))",
    after: "(parsed.kind() === 'ipv4' || parsed.kind() === 'ipv6')",
    test: policy,
  },
  {
    name: 'address: an allowed network admits the other family',
    faults: [67],
    file: `${http}/address-policy.ts`,
    before: 'parsed.kind() === network[0].kind() && parsed.match(network)',
    after: 'parsed.match(network)',
    test: policy,
  },
  {
    name: 'target: one public address is enough',
    faults: [67],
    file: `${http}/webhook-target.ts`,
    before: '!addresses.every(({ address }) => isPublicAddress(address))',
    after: '!addresses.some(({ address }) => isPublicAddress(address))',
    test: target,
  },
  {
    name: 'target: any port',
    faults: [67],
    file: `${http}/webhook-target.ts`,
    before: "if (!publicPorts.has(url.port)) return { refusal: 'The port must be 443 or 8443' }\n",
    after: '',
    test: target,
  },
  {
    name: 'target: http',
    faults: [67],
    file: `${http}/webhook-target.ts`,
    before: "  if (url.protocol !== 'https:') return { refusal: 'The URL must begin with https://' }\n",
    after: '',
    test: target,
  },
  {
    name: 'target: user and password',
    faults: [67],
    file: `${http}/webhook-target.ts`,
    before: "if (url.username !== '' || url.password !== '')",
    after: "if (url.username === 'nobody')",
    test: target,
  },
  {
    name: 'target: an allowed network for one of its addresses',
    faults: [67],
    file: `${http}/webhook-target.ts`,
    before: 'addresses.every(({ address }) => isInside(address, allowedNetworks))',
    after: 'addresses.some(({ address }) => isInside(address, allowedNetworks))',
    test: target,
  },
  {
    name: 'sender: the name is resolved again',
    faults: [67],
    file: `${http}/https-webhook-client.ts`,
    before: '    lookup: pinnedTo(addresses),\n',
    after: '',
    test: client('is asked of the name server once'),
  },
  {
    name: 'sender: refused targets are called',
    faults: [67],
    file: `${http}/https-webhook-client.ts`,
    before: "if ('refusal' in target) return { failure: 'target_refused' }",
    after:
      "if ('refusal' in target) return exchange({ url: new URL(request.url), addresses: await this.#lookup(new URL(request.url).hostname) }, request, signal)",
    test: { files: [`${http}/ssrf.test.ts`] },
  },
  {
    name: 'sender: redirects are followed',
    faults: [64, 67],
    file: `${http}/https-webhook-client.ts`,
    before: "    const retryAfter = response.headers['retry-after']\n",
    after:
      "    const retryAfter = response.headers['retry-after']\n    if (response.headers.location !== undefined) return await exchange({ url: new URL(response.headers.location, url), addresses }, { url: '', id, at, body, secrets }, signal)\n",
    test: client('leads nowhere'),
  },
  {
    name: 'sender: an answer is read to its end',
    faults: [64],
    file: `${http}/https-webhook-client.ts`,
    before: 'if (bytes >= maxBodyBytes) return',
    after: 'if (bytes < 0) return',
    test: client('without an end|announces a gigabyte'),
  },
  {
    name: 'sender: no deadline',
    faults: [64],
    file: `${http}/https-webhook-client.ts`,
    before: "    method: 'POST',\n    signal,\n",
    after: "    method: 'POST',\n",
    test: client('the deadline'),
  },
  {
    name: 'sender: a broken answer counts',
    faults: [64],
    file: `${http}/https-webhook-client.ts`,
    before: '    await drain(response)\n',
    after: '',
    test: client('breaks off|hangs after its headers'),
  },
  {
    name: 'signature: not over the timestamp',
    faults: [65, 68],
    file: `${http}/standard-webhooks-signature.ts`,
    before: 'timestamp}.',
    after: 'id}.',
    test: { files: [`${http}/standard-webhooks-signature.test.ts`] },
  },
  {
    name: 'signature: one secret only',
    faults: [68],
    file: `${http}/standard-webhooks-signature.ts`,
    before: "secrets.map(sign).join(' ')",
    after: 'secrets.slice(0, 1).map(sign).join()',
    test: { files: [`${http}/standard-webhooks-signature.test.ts`] },
  },
  {
    name: 'signature: weak secrets',
    faults: [68, 70],
    file: `${http}/standard-webhooks-signature.ts`,
    before: 'key.length < 24 || ',
    after: '',
    test: { files: [`${http}/standard-webhooks-signature.test.ts`] },
  },
  {
    name: 'delivery: sent again although it is settled',
    faults: [37, 65],
    file: 'packages/domain/src/webhook/deliver-webhook.ts',
    before: "if (state.status !== 'pending') return { outcome: 'repeated' }",
    after: "if (state.status !== 'pending' && state.status !== 'delivered') return { outcome: 'repeated' }",
    test: {
      files: [
        'packages/domain/src/webhook/deliver-webhook.test.ts',
        'packages/domain/src/webhook/crashes.test.ts',
      ],
    },
  },
  {
    name: 'delivery: sent to an endpoint that is disabled',
    faults: [64, 69],
    file: 'packages/domain/src/webhook/deliver-webhook.ts',
    before: "if (endpoint === undefined || endpoint.state.status === 'disabled') {",
    after: 'if (endpoint === undefined) {',
    test: deliver,
  },
  {
    name: 'delivery: tried before it is due',
    faults: [64],
    file: 'packages/domain/src/webhook/deliver-webhook.ts',
    before: 'if (due > start) return later(due, start)',
    after: '',
    test: deliver,
  },
  {
    name: 'delivery: a postponed message is acknowledged',
    faults: [64, 66],
    file: 'apps/webhook-sender/src/deliver-webhook-function.ts',
    before: '    throw new Postponed(',
    after: '    void new Postponed(',
    test: { files: ['apps/webhook-sender/src/deliver-webhook-function.test.ts'] },
  },
  {
    name: 'delivery: a message is not hidden while it waits',
    faults: [64, 66],
    file: 'apps/webhook-sender/src/deliver-webhook-function.ts',
    before: '    await postpone(receiptHandle, turn.seconds)\n',
    after: '',
    test: { files: ['apps/webhook-sender/src/deliver-webhook-function.test.ts'] },
  },
]
