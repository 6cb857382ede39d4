import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { UlidIds } from '@stockroom/adapters/ulid-ids'
import type { LocalCloud } from '@stockroom/local-cloud/local-cloud'
import { startLocalCloud } from '@stockroom/local-cloud/start-local-cloud'
import { awsAccess } from '@stockroom/ops/aws-access'
import { readStage } from '@stockroom/ops/stage'
import * as z from 'zod/mini'
import type { Figure } from './figure.ts'
import { madeEnvelope, storeEnvelopes } from './made-events.ts'

const synthesised = join(import.meta.dirname, '../../../infra/cdk.out')
const versions = 10

const Sent = z.object({
  Entries: z.array(z.object({ MessageGroupId: z.string(), MessageBody: z.string() })),
})
const Body = z.object({ sequence: z.string() })
const Template = z.looseObject({
  Resources: z.record(z.string(), z.looseObject({ Type: z.string(), Properties: z.looseObject({}) })),
})

/** A copy of the template in which no event source mapping is enabled: writers work, nobody reads. */
const withoutReaders = (directory: string): string => {
  const copy = join(directory, 'assembly')
  cpSync(synthesised, copy, { recursive: true })
  for (const name of readdirSync(copy).filter((file) => file.endsWith('.template.json'))) {
    const template = Template.parse(JSON.parse(readFileSync(join(copy, name), 'utf8')))
    for (const { Type, Properties } of Object.values(template.Resources))
      if (Type === 'AWS::Lambda::EventSourceMapping') Properties.Enabled = false
    writeFileSync(join(copy, name), JSON.stringify(template))
  }
  return copy
}

const start = (assembly: string, dataDirectory: string) =>
  startLocalCloud({
    assembly,
    dataDirectory,
    parameters: ({ issuer }) => ({
      JwtIssuer: issuer,
      JwtAudience: 'stockroom',
      WebhookAllowedNetworks: '127.0.0.0/8',
    }),
    schedules: 'paused',
  })

const stageOf = (cloud: LocalCloud) => readStage(Object.assign({}, ...Object.values(cloud.outputs)))
const accessOf = ({ region, operator, endpoints }: LocalCloud) =>
  awsAccess({ region, credentials: operator, ...endpoints })

const fill = async (dataDirectory: string, events: number, update: (text: string) => void) => {
  const cloud = await start(withoutReaders(dataDirectory), join(dataDirectory, 'data'))
  try {
    const ids = new UlidIds({ now: () => new Date() })
    const aggregates = Math.ceil(events / versions)
    const envelopes = Array.from({ length: events }, (_, n) =>
      madeEnvelope(ids, 'acme', `agg-${n % aggregates}`, 1 + Math.floor(n / aggregates)),
    )
    await storeEnvelopes(accessOf(cloud).dynamodb, stageOf(cloud).OutboxTableName, envelopes, (count) =>
      update(`${count.toLocaleString('en')} of ${events.toLocaleString('en')} events in the outbox`),
    )
  } finally {
    await cloud.close()
  }
}

/** Watches what the relay sends, and that no aggregate's event is sent before an earlier one of it. */
const watchRelay = (cloud: LocalCloud, events: number, update: (text: string) => void) => {
  const lastOf = new Map<string, number>()
  const disorder: string[] = []
  const memory: number[] = []
  let sent = 0
  const relay = cloud.resources.functions.find(({ logicalId }) => logicalId.includes('RelayOutbox'))
  if (relay === undefined) throw new Error('the template has no relay')
  const runtime = cloud.functions.get(relay.name)
  const all = new Promise<void>((resolve) => {
    cloud.intercept({
      after: async ({ operation, input, principal }) => {
        if (operation !== 'SendMessageBatch' || principal !== relay.name) return undefined
        for (const { MessageGroupId, MessageBody } of Sent.parse(input).Entries) {
          const sequence = Number(Body.parse(JSON.parse(MessageBody)).sequence)
          const last = lastOf.get(MessageGroupId) ?? 0
          if (sequence > last + 1) disorder.push(`${MessageGroupId}: ${sequence} after ${last}`)
          if (sequence === last + 1) {
            lastOf.set(MessageGroupId, sequence)
            sent += 1
          }
        }
        if (sent % 1_000 < 10) memory.push(runtime.metrics.maxMemoryUsedMegabytes)
        update(`${sent.toLocaleString('en')} of ${events.toLocaleString('en')} events published`)
        if (sent === events) resolve()
        return undefined
      },
    })
  })
  return { all, disorder, memory }
}

/** Fault 36: what lay in the outbox while nobody read it goes out in order, fast, in flat memory. */
export const backlog: Figure = {
  name: 'backlog',
  about: 'a backlog of the outbox drained through the stream by the relay',
  measure: async ({ scale, update }) => {
    const events = versions * Math.max(100, Math.round(5_000 * scale))
    const directory = mkdtempSync(join(tmpdir(), 'backlog-'))
    try {
      await fill(directory, events, update)
      const cloud = await start(synthesised, join(directory, 'data'))
      try {
        const began = performance.now()
        const { all, disorder, memory } = watchRelay(cloud, events, update)
        await Promise.race([all, cloud.failed])
        const seconds = (performance.now() - began) / 1_000
        const rate = events / seconds
        const [early = 0, late = 0] = [memory[Math.floor(memory.length / 4)], memory.at(-1)]
        return {
          lines: [
            {
              what: `${events.toLocaleString('en')} events of ${events / versions} aggregates`,
              value: `${rate.toFixed(0)} events/s`,
              must: { be: 'at least 500', holds: rate >= 500 },
            },
            {
              what: 'events sent before an earlier one of their aggregate',
              value: String(disorder.length),
              must: { be: '0', holds: disorder.length === 0 },
            },
            {
              what: "the relay's peak memory after a quarter, and at the end",
              value: `${early} MB, ${late} MB`,
              must: { be: 'at most 1.2 times', holds: late <= 1.2 * early },
            },
          ],
          raw: { events, seconds, disorder, memory },
        }
      } finally {
        await cloud.close()
      }
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  },
}
