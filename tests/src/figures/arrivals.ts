import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as z from 'zod/mini'

const Event = z.looseObject({ id: z.string(), time: z.string(), subject: z.string(), sequence: z.string() })

/** The first attempt of an event at the subscriber. */
export interface Arrival {
  readonly subject: string
  readonly sequence: number
  /** From the event's own time, which is taken just before its transaction, to here. */
  readonly milliseconds: number
}

export interface Arrivals {
  readonly url: string
  /** By event id. */
  readonly first: ReadonlyMap<string, Arrival>
  /** First attempts that came before an earlier event of their subject. */
  readonly disorder: readonly string[]
  /** Resolves when `count` different events have arrived. */
  reached(count: number): Promise<void>
  close(): Promise<void>
}

/** A subscriber that answers 204 at once and remembers when each event came first. */
export const startArrivals = async (): Promise<Arrivals> => {
  const first = new Map<string, Arrival>()
  const lastOf = new Map<string, number>()
  const disorder: string[] = []
  let waiting: { readonly count: number; readonly done: () => void }[] = []

  const server = createServer(async (request, response) => {
    const at = Date.now()
    const body = Buffer.concat(await Array.fromAsync<Buffer>(request))
    response.writeHead(204).end()
    const { id, time, subject, sequence } = Event.parse(JSON.parse(body.toString('utf8')))
    if (first.has(id)) return
    const number = Number(sequence)
    if (number !== (lastOf.get(subject) ?? 0) + 1)
      disorder.push(`${subject}: ${number} after ${lastOf.get(subject) ?? 0}`)
    lastOf.set(subject, number)
    first.set(id, { subject, sequence: number, milliseconds: at - Date.parse(time) })
    for (const one of waiting) if (first.size >= one.count) one.done()
    waiting = waiting.filter(({ count }) => first.size < count)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    first,
    disorder,
    reached: (count) =>
      new Promise((resolve) => {
        if (first.size >= count) resolve()
        else waiting.push({ count, done: resolve })
      }),
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
