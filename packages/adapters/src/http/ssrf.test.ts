import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readNetworks } from './address-policy.ts'
import { DnsWebhookTargets } from './dns-webhook-targets.ts'
import { forbiddenUrls, insideHosts } from './forbidden-urls.ts'
import { HttpsWebhookClient } from './https-webhook-client.ts'
import type { Address, Lookup } from './webhook-target.ts'

let canary: Server
let port: number
let connections = 0

beforeAll(async () => {
  canary = createServer((socket) => {
    connections += 1
    socket.destroy()
  }).listen(0, '127.0.0.1')
  await once(canary, 'listening')
  port = (canary.address() as AddressInfo).port
})
afterAll(() => canary.close())

const outside: Address = { address: '93.184.216.34', family: 4 }
const toOutside: Lookup = async () => [outside]
const atSend = (url: string, lookup: Lookup = toOutside) =>
  new HttpsWebhookClient([], lookup).post({
    url,
    id: 'evt_00000000000000000000000001',
    at: new Date(),
    body: '{}',
    secrets: [`whsec_${Buffer.alloc(32, 7).toString('base64')}`],
  })
const atRegistration = (url: string, lookup: Lookup = toOutside) =>
  new DnsWebhookTargets([], lookup).refusal(url)

const refusedTwice = async (url: string, lookup?: Lookup) => {
  expect(await atRegistration(url, lookup), url).toMatch(/\w/)
  expect(await atSend(url, lookup), url).toEqual({ failure: 'target_refused' })
  expect(connections).toBe(0)
}

test('the canary sings when it is reached: what follows is not silent for want of a listener', async () => {
  const loopback: Lookup = async () => [{ address: '127.0.0.1', family: 4 }]
  const open = new HttpsWebhookClient(readNetworks('127.0.0.0/8'), loopback)
  const request = { id: 'e', at: new Date(), body: '', secrets: [`whsec_${'A'.repeat(32)}`] }
  expect(await open.post({ ...request, url: `http://canary.test:${port}/` })).toHaveProperty('failure')
  expect(connections).toBe(1)
  connections = 0
})

describe('refused when it is registered and when it is sent to, without a packet:', () => {
  test.each(Object.entries(insideHosts))('%s', async (_, host) => {
    for (const url of [`https://${host}/`, `https://${host}:8443/hook`]) {
      expect(await atRegistration(url)).toBe('The host must have public addresses only')
      await refusedTwice(url)
    }
    for (const scheme of ['http', 'https']) await refusedTwice(`${scheme}://${host}:${port}/`)
  })

  test.each(Object.entries(forbiddenUrls))('%s', async (_, url) => {
    await refusedTwice(url)
  })

  test.each<[string, readonly Address[]]>([
    ['is here', [{ address: '127.0.0.1', family: 4 }]],
    ['is here in IPv6', [{ address: '::1', family: 6 }]],
    ['is here too', [outside, { address: '127.0.0.1', family: 4 }]],
    ['has a public A and an internal AAAA', [outside, { address: 'fd00::1', family: 6 }]],
    [
      'has an internal A and a public AAAA',
      [
        { address: '10.0.0.1', family: 4 },
        { address: '2606:4700:4700::1111', family: 6 },
      ],
    ],
    ['has a mapped address', [{ address: '::ffff:127.0.0.1', family: 6 }]],
    ['has an address with a zone', [{ address: 'fe80::1%lo', family: 6 }]],
    ['is no address', [{ address: 'localhost', family: 4 }]],
    ['has no address', []],
  ])('a name that %s', async (_, addresses) => {
    const lookup: Lookup = async () => addresses
    for (const url of [
      'https://shop.example/',
      `https://shop.example:${port}/`,
      `http://shop.example:${port}/`,
    ])
      await refusedTwice(url, lookup)
  })
})

test('a name that was public when it was registered and is ours when it is sent to gets no packet', async () => {
  let moved = false
  const rebinding: Lookup = async () => [moved ? { address: '127.0.0.1', family: 4 } : outside]
  const url = 'https://shop.example/hook'
  expect(await atRegistration(url, rebinding)).toBeUndefined()
  moved = true
  expect(await atSend(url, rebinding)).toEqual({ failure: 'target_refused' })
  expect(connections).toBe(0)
})

describe('at registration', () => {
  const failing =
    (code: string): Lookup =>
    async () => {
      throw Object.assign(new Error(`getaddrinfo ${code}`), { code })
    }

  test('a name without an address is refused; a name server that is down says nothing of the name', async () => {
    const url = 'https://shop.example/'
    expect(await atRegistration(url, failing('ENOTFOUND'))).toBe('The host has no address')
    for (const code of ['EAI_AGAIN', 'EAI_FAIL'])
      await expect(atRegistration(url, failing(code))).rejects.toMatchObject({ code: 'busy' })
  })

  test('a name server that keeps silent is waited for as long as allowed', async () => {
    const silent: Lookup = () => new Promise(() => undefined)
    const targets = new DnsWebhookTargets([], silent, () => AbortSignal.abort())
    await expect(targets.refusal('https://shop.example/')).rejects.toMatchObject({ code: 'busy' })
  })
})
