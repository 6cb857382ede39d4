import { once } from 'node:events'
import { createServer, type ServerOptions } from 'node:https'
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net'
import { getCACertificates, setDefaultCACertificates, type TLSSocket } from 'node:tls'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { aCertificate, type Certificate } from './a-certificate.ts'
import { readNetworks } from './address-policy.ts'
import { HttpsWebhookClient } from './https-webhook-client.ts'
import type { Lookup } from './webhook-target.ts'

const authority = aCertificate('Test authority')
const known = getCACertificates('default')
beforeAll(() => setDefaultCACertificates([...known, authority.cert]))
afterAll(() => setDefaultCACertificates(known))

const open: Server[] = []
afterEach(() => {
  for (const server of open.splice(0)) server.close()
})
const listening = async (server: Server): Promise<number> => {
  open.push(server.listen(0, '127.0.0.1'))
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

const loopback = readNetworks('127.0.0.0/8')
const request = (url: string) => ({
  url,
  id: 'evt_00000000000000000000000001',
  at: new Date(),
  body: '{}',
  secrets: [`whsec_${Buffer.alloc(32, 7).toString('base64')}`],
})
/** Posts to `receiver.test`, of which the name server says that it is here. */
const post = (port: number, signal?: AbortSignal) => {
  const asked: string[] = []
  const lookup: Lookup = async (host) => {
    asked.push(host)
    return [{ address: '127.0.0.1', family: 4 }]
  }
  const client =
    signal === undefined
      ? new HttpsWebhookClient(loopback, lookup)
      : new HttpsWebhookClient(loopback, lookup, () => signal)
  return { asked, answer: client.post(request(`https://receiver.test:${port}/hook`)) }
}

/** What a receiver with `certificate` answers to, and what it saw before and after the handshake. */
const receiver = async ({ cert, key }: Certificate, options: ServerOptions = {}) => {
  const seen: { readonly servername: string | false; readonly host: string | undefined }[] = []
  const server = createServer({ cert, key, ...options }, (incoming, response) => {
    const { servername } = incoming.socket as TLSSocket
    seen.push({ servername: servername ?? false, host: incoming.headers.host })
    response.writeHead(204).end()
  })
  return { port: await listening(server), seen }
}

test('a receiver with a good certificate is called by its name, at the address that was checked', async () => {
  const { port, seen } = await receiver(aCertificate('receiver.test', { issuer: authority }))
  const { asked, answer } = post(port)
  expect(await answer).toEqual({ status: 204 })
  expect(seen).toEqual([{ servername: 'receiver.test', host: `receiver.test:${port}` }])
  expect(asked).toEqual(['receiver.test'])
})

test.each<[string, Certificate]>([
  ['signed by itself', aCertificate('receiver.test')],
  ['signed by nobody we know', aCertificate('receiver.test', { issuer: aCertificate('Test authority') })],
  ['for another host', aCertificate('other.test', { issuer: authority })],
  [
    'that has expired',
    aCertificate('receiver.test', { issuer: authority, notAfter: new Date(Date.now() - 86_400_000) }),
  ],
  [
    'signed by one that may not sign',
    aCertificate('receiver.test', { issuer: aCertificate('other.test', { issuer: authority }) }),
  ],
])('a receiver with a certificate %s gets no request', async (_, certificate) => {
  const { port, seen } = await receiver(certificate)
  expect(await post(port).answer).toEqual({ failure: 'tls_failed' })
  expect(seen).toEqual([])
})

test('the deadline ends a handshake in which the receiver says nothing', async () => {
  const deadline = new AbortController()
  const greeted = Promise.withResolvers<void>()
  const closed = Promise.withResolvers<void>()
  const port = await listening(
    createTcpServer((socket) => {
      socket.on('error', () => socket.destroy()).on('close', () => closed.resolve())
      socket.once('data', () => greeted.resolve())
    }),
  )
  const { answer } = post(port, deadline.signal)
  await greeted.promise
  deadline.abort()
  expect(await answer).toEqual({ failure: 'timed_out' })
  await closed.promise
})
