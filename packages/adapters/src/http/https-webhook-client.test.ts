import { once } from 'node:events'
import type { IncomingHttpHeaders } from 'node:http'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
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
/** An HTTP/2 frame (RFC 9113, 4.1) of the connection: its length, type, no flags, stream 0. */
const frame = (type: number, payload = '') =>
  `\0\0${String.fromCharCode(payload.length, type)}${'\0'.repeat(5)}${payload}`
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
    ['with a length below zero', 'HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n'],
    ['of HTTP/2 that says GOAWAY', `${frame(4)}${frame(7, '\0'.repeat(8))}`],
    [
      'that asks for another protocol',
      'HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n',
    ],
  ])('%s is unreadable', async (_, answer) => {
    const { url } = await answering(answer)
    expect(await client.post(request(url))).toEqual({ failure: 'answer_unreadable' })
  })
})

describe('an answer that has no end', () => {
  /** Writes `first` and then `more` for as long as somebody reads; tells how much was written when nobody does any longer. */
  const flood = async (first: string, more: string) => {
    let written = 0
    const closed = Promise.withResolvers<void>()
    const { url } = await receiver((socket) => {
      socket.on('close', () => closed.resolve())
      socket.write(first)
      const pour = () => {
        while (!socket.destroyed && socket.write(more, 'latin1')) written += more.length
        if (!socket.destroyed) socket.once('drain', pour)
      }
      pour()
    })
    const answer = await client.post(request(url))
    await closed.promise
    return { answer, written }
  }
  const chunk = `2000\r\n${'x'.repeat(8_192)}\r\n`
  /** What the system's buffers take besides what is read; a gigabyte would not fit. */
  const buffers = 32 * 1024 * 1024

  test.each([
    ['of its body is read to 64 KiB and counts', 'transfer-encoding: chunked', chunk, { status: 200 }],
    [
      'of a gzip that would unfold to a thousand times its size is not unfolded',
      'content-encoding: gzip\r\ncontent-length: 1073741824',
      gzipSync(Buffer.alloc(1024 * 1024))
        .toString('latin1')
        .repeat(64),
      { status: 200 },
    ],
    [
      'of a chunk’s extension is cut off',
      'transfer-encoding: chunked\r\n\r\n1;x',
      'y'.repeat(8_192),
      { failure: 'connection_reset' },
    ],
  ])('%s', async (_, headers, more, expected) => {
    const end = headers.includes('\r\n\r\n') ? '' : '\r\n\r\n'
    const { answer, written } = await flood(`HTTP/1.1 200 OK\r\n${headers}${end}`, more)
    expect(answer).toEqual(expected)
    expect(written).toBeLessThan(buffers)
  })

  test('because 1xx follows on 1xx is given up; a few before the answer are none of our business', async () => {
    const early = 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'
    const { answer, written } = await flood(early, early.repeat(200))
    expect(answer).toEqual({ failure: 'answer_unreadable' })
    expect(written).toBeLessThan(buffers)
    const { url } = await answering(`${early.repeat(3)}HTTP/1.1 204 No Content\r\n\r\n`)
    expect(await client.post(request(url))).toEqual({ status: 204 })
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
