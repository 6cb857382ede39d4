import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, expect, test } from 'vitest'
import { makeFaultPlan } from './faults/fault-plan.ts'
import { startLocalCloud } from './start-local-cloud.ts'
import { writeThingsAssembly } from './things-assembly.ts'

const closing = new AsyncDisposableStack()
afterAll(() => closing.disposeAsync())

const temporary = () => {
  const directory = mkdtempSync(join(tmpdir(), 'local-cloud-test-'))
  closing.defer(() => rmSync(directory, { recursive: true }))
  return directory
}

test('every thing gets through a cloud full of faults, some of them more than once', async () => {
  const assembly = temporary()
  writeThingsAssembly(assembly)
  const plan = makeFaultPlan({
    // Already the first page of the stream comes twice: how many pages there are is a matter of time.
    seed: 5,
    rate: 0.2,
    // What keeps a message or an SDK waiting for seconds is tested at its own wrapper.
    kinds: [
      ...(['lose_request', 'lose_answer', 'delay', 'internal_error'] as const),
      ...(['duplicate', 'late', 'shuffle', 'rewind', 'permute', 'cut', 'split'] as const),
      'double_tick',
    ],
    longestDelayMs: 20,
    longestLatenessMs: 50,
  })
  const cloud = await startLocalCloud({
    assembly,
    dataDirectory: temporary(),
    parameters: ({ issuer }) => ({ Issuer: issuer }),
    onEventSource: () => undefined,
    faults: plan,
  })
  closing.defer(() => cloud.close())
  const token = await cloud.issueToken({ claims: { sub: 'a' }, scopes: ['things:write'], audience: 'things' })
  const create = async (id: string): Promise<void> => {
    const response = await fetch(`${cloud.outputs.Code?.Url}/things`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ id }),
    })
    if (response.status !== 201) await create(id)
  }
  const ids = Array.from({ length: 40 }, (_, index) => `thing-${index}`)
  for (const id of ids) await create(id)

  const sqs = new SQSClient({
    endpoint: cloud.endpoints.sqs,
    region: cloud.region,
    credentials: cloud.operator,
  })
  closing.defer(() => sqs.destroy())
  const QueueUrl = cloud.resources.queues.find(({ logicalId }) => logicalId === 'Done')?.url
  const told: string[] = []
  while (!ids.every((id) => told.includes(id))) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 10, MaxNumberOfMessages: 10 }),
    )
    told.push(...Messages.flatMap(({ Body = '' }) => /done\/(thing-\d+)/.exec(Body)?.[1] ?? []))
  }
  expect(told.length).toBeGreaterThan(ids.length)

  const schedule = cloud.resources.schedules[0]?.name ?? ''
  const runs = []
  for (let tick = 0; tick < 20; tick += 1) runs.push(await cloud.schedules.trigger(schedule))
  const double = plan.injected.filter(({ fault }) => fault.kind === 'double_tick')
  expect(double.length).toBeGreaterThan(0)
  expect(runs.flat()).toHaveLength(20 + double.length)

  const hit = plan.injected.map((injection) => ('caller' in injection ? 'call' : injection.via))
  expect(new Set(hit)).toEqual(new Set(['call', 'stream', 'standard queue', 'bucket', 'schedule']))
  plan.stop()
  const { length } = plan.injected
  await create('the last')
  expect(plan.injected).toHaveLength(length)
})
