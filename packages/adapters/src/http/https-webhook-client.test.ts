import { once } from 'node:events'
import type { IncomingHttpHeaders } from 'node:http'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { Webhook } from 'standardwebhooks'
import { afterEach, describe, expect, test } from 'vitest'
import { readNetworks } from './address-policy.ts'
import { HttpsWebhookClient } from './https-webhook-client.ts'
import type { Lookup } from './webhook-target.ts'

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const loopback = readNetworks('127.0.0.0/8')
const toLoopback: Lookup = async () => [{ address: '127.0.0.1', family: 4 }]
const request = (url: string) => ({
  url,
  id: 'evt_00000000000000000000000001',
  at: new Date(),
  body: '{"data":"für zwei ☕"}',
  secrets: [secret],
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
})

const open: (Server | Socket)[] = []
afterEach(() => {
  for (const each of open.splice(0)) 'close' in each ? each.close() : each.destroy()
})

/** A server of raw sockets, so that it can break HTTP in every way: `talk` gets each connection once a whole request came in. */
const receiver = async (talk: (socket: Socket, request: string) => void) => {
  const server = createServer((socket) => {
    open.push(socket)
    let received = ''
    // What a rude client does to the connection is not this server's matter.
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk) => {
      const before = received
      received += chunk.toString('latin1')
      const [head, body] = received.split('\r\n\r\n')
      const length = Number(/content-length: (\d+)/i.exec(head ?? '')?.[1] ?? 0)
      if (body !== undefined && body.length >= length && before !== received) talk(socket, received)
    })
  }).listen(0, '127.0.0.1')
  open.push(server)
  await once(server, 'listening')
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?a=b`, server }
}
const answering = (answer: string) => receiver((socket) => socket.end(answer))
const client = new HttpsWebhookClient(loopback)

describe('a request', () => {
  test('carries the event, its signature, its trace, and nothing of ours', async () => {
    const { createServer: createHttpServer } = await import('node:http')
    const got = Promise.withResolvers<{ headers: IncomingHttpHeaders; body: string; line: string }>()
    const server = createHttpServer(async (incoming, response) => {
      got.resolve({
        headers: incoming.headers,
        body: await text(incoming),
        line: `${incoming.method} ${incoming.url}`,
      })
      response.writeHead(204).end()
    }).listen(0, '127.0.0.1')
    open.push(server)
    await once(server, 'listening')
    const port = (server.address() as AddressInfo).port

    const sent = request(`http://receiver.test:${port}/hook?a=b#part`)
    const answer = await new HttpsWebhookClient(loopback, toLoopback).post(sent)

    expect(answer).toEqual({ status: 204 })
    const { headers, body, line } = await got.promise
    expect(line).toBe('POST /hook?a=b')
    expect(body).toBe(sent.body)
    expect(new Webhook(secret).verify(body, { ...headers } as Record<string, string>)).toEqual({
      data: 'für zwei ☕',
    })
    expect(headers).toEqual({
      host: `receiver.test:${port}`,
      connection: 'close',
      'content-type': 'application/cloudevents+json; charset=utf-8',
      'content-length': String(Buffer.byteLength(sent.body)),
      'user-agent': 'Stockroom-Webhooks/1.0',
      'webhook-id': sent.id,
      'webhook-timestamp': expect.stringMatching(/^\d{10}$/),
      'webhook-signature': expect.stringMatching(/^v1,/),
      traceparent: sent.traceparent,
    })
  })
})

describe('an answer', () => {
  test.each([200, 201, 204, 400, 404, 410, 500, 503])('of status %i is told as it is', async (status) => {
    const { url } = await answering(`HTTP/1.1 ${status} Whatever\r\ncontent-length: 0\r\n\r\n`)
    expect(await client.post(request(url))).toEqual({ status })
  })

  test.each([
    ['seconds', '120'],
    ['a date', 'Mon, 23 Nov 2026 09:05:00 GMT'],
  ])('says in %s when to come back', async (_, retryAfter) => {
    const { url } = await answering(
      `HTTP/1.1 429 Slow down\r\nretry-after: ${retryAfter}\r\ncontent-length: 0\r\n\r\n`,
    )
    expect(await client.post(request(url))).toEqual({ status: 429, retryAfter })
  })

  test.each([301, 302, 303, 307, 308])('of status %i leads nowhere', async (status) => {
    let canary = 0
    const elsewhere = await receiver(() => {
      canary += 1
    })
    const { url } = await answering(
      `HTTP/1.1 ${status} Moved\r\nlocation: ${elsewhere.url}\r\ncontent-length: 0\r\n\r\n`,
    )
    expect(await client.post(request(url))).toEqual({ status })
    expect(canary).toBe(0)
  })

  test('without an end is read to 64 KiB and counts; the connection is closed', async () => {
    let written = 0
    const closed = Promise.withResolvers<void>()
    const { url } = await receiver((socket) => {
      socket.on('close', () => closed.resolve())
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n')
      const flood = () => {
        while (!socket.destroyed && socket.write(`2000\r\n${'x'.repeat(8_192)}\r\n`)) written += 8_192
        if (!socket.destroyed) socket.once('drain', flood)
      }
      flood()
    })
    expect(await client.post(request(url))).toEqual({ status: 200 })
    await closed.promise
    // What the system's buffers took besides; a gigabyte would not fit.
    expect(written).toBeLessThan(32 * 1024 * 1024)
  })

  test('that announces a gigabyte counts after 64 KiB', async () => {
    const { url } = await receiver((socket) =>
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n${'x'.repeat(100_000)}`),
    )
    expect(await client.post(request(url))).toEqual({ status: 200 })
  })

  test.each([
    ['before a word', ''],
    ['inside the status line', 'HTTP/1.1 2'],
    ['inside the body', 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc'],
  ])('that breaks off %s is a connection reset', async (_, beginning) => {
    const { url } = await receiver((socket) => socket.end(beginning))
    expect(await client.post(request(url))).toEqual({ failure: 'connection_reset' })
  })

  test('cut by a reset is a connection reset', async () => {
    const { url } = await receiver((socket) => socket.resetAndDestroy())
    expect(await client.post(request(url))).toEqual({ failure: 'connection_reset' })
  })

  test.each([
    ['of another protocol', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['with endless headers', `HTTP/1.1 200 OK\r\n${`x: ${'y'.repeat(1_000)}\r\n`.repeat(100)}\r\n`],
    ['with two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\na'],
  ])('%s is unreadable', async (_, answer) => {
    const { url } = await answering(answer)
    expect(await client.post(request(url))).toEqual({ failure: 'answer_unreadable' })
  })
})

describe('the deadline', () => {
  /** The deadline comes when the receiver says that it has got where it wants to hang. */
  const timedOut = async (hang: (socket: Socket, hanging: () => void) => void) => {
    const deadline = new AbortController()
    const hanging = Promise.withResolvers<Socket>()
    const { url } = await receiver((socket) => hang(socket, () => hanging.resolve(socket)))
    const answer = new HttpsWebhookClient(loopback, toLoopback, () => deadline.signal).post(request(url))
    const socket = await hanging.promise
    const closed = Promise.withResolvers<void>()
    socket.on('close', () => closed.resolve())
    deadline.abort()
    await closed.promise
    return answer
  }

  test('ends a request that gets no answer', async () => {
    expect(await timedOut((_, hanging) => hanging())).toEqual({ failure: 'timed_out' })
  })

  test('ends an answer that comes letter by letter', async () => {
    const slowly = (socket: Socket, hanging: () => void) => {
      let letters = 0
      const next = () => {
        if (socket.destroyed) return
        socket.write(letters === 0 ? 'HTTP/1.1 200 OK\r\nx-slow: ' : 'z')
        letters += 1
        if (letters === 50) hanging()
        setImmediate(next)
      }
      next()
    }
    expect(await timedOut(slowly)).toEqual({ failure: 'timed_out' })
  })

  test('ends an answer that hangs after its headers, although they say 200', async () => {
    const hang = (socket: Socket, hanging: () => void) =>
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc', hanging)
    expect(await timedOut(hang)).toEqual({ failure: 'timed_out' })
  })

  test('holds for name servers too', async () => {
    const never: Lookup = () => new Promise(() => undefined)
    const late = new HttpsWebhookClient([], never, () => AbortSignal.abort())
    expect(await late.post(request('https://slow.example/'))).toEqual({ failure: 'timed_out' })
  })
})

describe('a target', () => {
  test('that is not allowed gets no packet, in whatever form it is written', async () => {
    let connections = 0
    const { server } = await receiver(() => undefined)
    server.on('connection', () => {
      connections += 1
    })
    const { port } = server.address() as AddressInfo
    const lookups: Lookup = async () => [
      { address: '93.184.216.34', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ]
    const strict = new HttpsWebhookClient([], lookups)
    const hosts = [
      '127.0.0.1',
      '2130706433',
      '0x7f.1',
      '127.1',
      '[::ffff:127.0.0.1]',
      '[::1]',
      '①②⑦.⓪.⓪.①',
      'both.test',
    ]
    for (const host of hosts)
      for (const url of [`http://${host}:${port}/`, `https://${host}:${port}/`, `https://${host}/`])
        expect(await strict.post(request(url))).toEqual({ failure: 'target_refused' })
    expect(connections).toBe(0)
  })

  test('is asked of the name server once: what it would say next does not matter', async () => {
    const { url } = await answering('HTTP/1.1 204 No Content\r\n\r\n')
    let asked = 0
    const rebinding: Lookup = async () => {
      asked += 1
      return asked === 1 ? [{ address: '127.0.0.1', family: 4 }] : [{ address: '10.0.0.1', family: 4 }]
    }
    const named = url.replace('127.0.0.1', 'rebinding.test')
    expect(await new HttpsWebhookClient(loopback, rebinding).post(request(named))).toEqual({ status: 204 })
    expect(asked).toBe(1)
  })

  test('without a name, a listener or TLS is a failure of that kind', async () => {
    const notFound: Lookup = async () => {
      throw Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' })
    }
    expect(await new HttpsWebhookClient([], notFound).post(request('https://no.example/'))).toEqual({
      failure: 'name_not_resolved',
    })

    const plain = createServer((socket) => socket.on('error', () => socket.destroy()).end('no TLS here'))
    open.push(plain.listen(0, '127.0.0.1'))
    await once(plain, 'listening')
    const { port } = plain.address() as AddressInfo
    expect(await client.post(request(`https://127.0.0.1:${port}/`))).toEqual({ failure: 'tls_failed' })

    const { url: closed, server } = await answering('')
    server.close()
    await once(server, 'close')
    expect(await client.post(request(closed))).toEqual({ failure: 'connection_failed' })
  })
})

test('a malformed secret is our fault and not told as the receiver’s', async () => {
  const { url } = await answering('HTTP/1.1 204 No Content\r\n\r\n')
  await expect(client.post({ ...request(url), secrets: ['none'] })).rejects.toThrow('malformed')
})
