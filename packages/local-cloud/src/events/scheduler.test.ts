import { expect, test } from 'vitest'
import { ManualClock } from '../manual-clock.ts'
import { AsynchronousInvocation } from './asynchronous-invocation.ts'
import type { EventSourceFact } from './event-source-observer.ts'
import type { OutgoingMessage } from './queue-transport.ts'
import { InvocationRefused, type ScheduleConfig, type ScheduleTarget } from './schedule.ts'
import { Scheduler } from './scheduler.ts'
import { failed, ScriptedFunction, succeeded } from './scripted-function.ts'

const arn = 'arn:aws:scheduler:eu-west-1:000000000000:schedule/default/nightly'

const scenario = (
  config: Partial<ScheduleConfig> = {},
  { paused = false, target }: { paused?: boolean; target?: ScheduleTarget } = {},
) => {
  const clock = new ManualClock(Date.parse('2026-01-01T00:00:30Z'))
  const worker = new ScriptedFunction<unknown>(() => succeeded('done'))
  const facts: EventSourceFact[] = []
  const buried: OutgoingMessage[] = []
  const observe = (fact: EventSourceFact) => facts.push(fact)
  const scheduler = new Scheduler(
    [
      {
        name: 'nightly',
        arn,
        expression: 'cron(*/5 * * * ? *)',
        input: '{"at":"<aws.scheduler.scheduled-time>"}',
        target: target ?? new AsynchronousInvocation({}, { function: worker, clock, observe }),
        deadLetterQueue: { queueArn: 'arn:dead', send: async (message) => void buried.push(message) },
        ...config,
      },
    ],
    { clock, observe, paused },
  )
  scheduler.start()
  return { clock, worker, facts, buried, scheduler }
}

const attributesOf = (message: OutgoingMessage | undefined) =>
  Object.fromEntries(
    Object.entries(message?.attributes ?? {}).map(([name, value]) => [name, value.StringValue]),
  )

test('invokes its target when it is due, with the time it was due', async () => {
  const s = scenario()
  await s.clock.advance(10 * 60_000)
  expect(s.worker.events).toEqual([{ at: '2026-01-01T00:05:00Z' }, { at: '2026-01-01T00:10:00Z' }])
  await s.scheduler.close()
})

test('fills in all context attributes', async () => {
  const input = `{"arn":"<aws.scheduler.schedule-arn>","id":"<aws.scheduler.execution-id>","attempt":<aws.scheduler.attempt-number>}`
  const s = scenario({ input })
  await s.clock.advance(5 * 60_000)
  expect(s.worker.events).toEqual([{ arn, id: expect.stringMatching(/^[0-9a-f-]{36}$/), attempt: 1 }])
  await s.scheduler.close()
})

test('sends the event of EventBridge Scheduler when there is no input', async () => {
  const clock = new ManualClock(Date.parse('2026-01-01T00:00:30Z'))
  const worker = new ScriptedFunction<unknown>()
  const target = new AsynchronousInvocation({}, { function: worker, clock, observe: () => {} })
  const bare = { name: 'bare', arn, expression: 'rate(1 day)', target }
  await new Scheduler([bare], { clock, observe: () => {} }).trigger('bare')
  expect(worker.events).toEqual([
    {
      version: '0',
      id: expect.any(String),
      'detail-type': 'Scheduled Event',
      source: 'aws.scheduler',
      account: '000000000000',
      time: '2026-01-01T00:00:30Z',
      region: 'eu-west-1',
      resources: [arn],
      detail: '{}',
    },
  ])
})

test('a rate runs at once and then at its interval', async () => {
  const s = scenario({ expression: 'rate(1 minute)' })
  await s.clock.advance(120_000)
  expect(s.worker.events).toHaveLength(3)
  await s.scheduler.close()
})

test('a day far away is reached in spite of the limit of timers', async () => {
  const s = scenario({ expression: 'at(2026-03-01T00:00:00)' })
  await s.clock.advance(58 * 86_400_000)
  expect(s.worker.events).toEqual([])
  await s.clock.advance(2 * 86_400_000)
  expect(s.worker.events).toEqual([{ at: '2026-03-01T00:00:00Z' }])
  await s.scheduler.close()
})

test('keeps to its start and end dates', async () => {
  const s = scenario({
    startDate: Date.parse('2026-01-01T00:07:00Z'),
    endDate: Date.parse('2026-01-01T00:12:00Z'),
  })
  await s.clock.advance(3_600_000)
  expect(s.worker.events).toEqual([{ at: '2026-01-01T00:10:00Z' }])
  await s.scheduler.close()
})

test.each<[string, Partial<ScheduleConfig>, boolean]>([
  ['a disabled schedule', { enabled: false }, false],
  ['a paused scheduler', {}, true],
])('%s runs only when it is triggered', async (_, config, paused) => {
  const s = scenario(config, { paused })
  await s.clock.advance(3_600_000)
  expect(s.worker.events).toEqual([])
  const invocations = await s.scheduler.trigger('nightly', Date.parse('2026-02-01T00:00:00Z'))
  expect(s.worker.events).toEqual([{ at: '2026-02-01T00:00:00Z' }])
  expect(invocations).toEqual([{ outcome: 'succeeded', payload: 'done' }])
  await s.scheduler.close()
})

test('an error of the function is Lambda’s to retry, not the schedule’s', async () => {
  const clock = new ManualClock()
  const worker = new ScriptedFunction<unknown>(() => failed())
  const target = new AsynchronousInvocation(
    { maximumRetryAttempts: 0 },
    { function: worker, clock, observe: () => {} },
  )
  const s = scenario({}, { target })
  expect(await s.scheduler.trigger('nightly')).toHaveLength(1)
  expect(s.buried).toEqual([])
  await s.scheduler.close()
})

test('tries again when Lambda does not take the event, then buries it', async () => {
  const attempts: unknown[] = []
  const target: ScheduleTarget = {
    arn: 'arn:function',
    accept: async (event) => {
      attempts.push(event)
      throw new Error('connection refused')
    },
  }
  const s = scenario(
    {
      maximumRetryAttempts: 2,
      input: '{"attempt":<aws.scheduler.attempt-number>}',
      expression: 'rate(1 day)',
    },
    { target },
  )
  await s.clock.advance(60_000)
  expect(attempts).toEqual([{ attempt: 1 }, { attempt: 2 }, { attempt: 3 }])
  expect(s.buried.map(({ body }) => body)).toEqual(['{"attempt":3}'])
  expect(attributesOf(s.buried[0])).toEqual({
    ERROR_CODE: 'Error',
    ERROR_MESSAGE: 'connection refused',
    EXECUTION_ID: expect.any(String),
    EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts',
    IS_PAYLOAD_TRUNCATED: 'false',
    RETRY_ATTEMPTS: '2',
    SCHEDULED_TIME: '2026-01-01T00:00:30Z',
    SCHEDULE_ARN: arn,
    TARGET_ARN: 'arn:function',
  })
  await s.scheduler.close()
})

test('buries an event that became too old', async () => {
  const target: ScheduleTarget = { arn: 'arn:function', accept: () => Promise.reject(new Error('no')) }
  const s = scenario({ maximumEventAgeInSeconds: 60, expression: 'rate(1 day)' }, { target })
  await s.clock.advance(120_000)
  expect(attributesOf(s.buried[0])).toMatchObject({ EXHAUSTED_RETRY_CONDITION: 'MaximumEventAgeInSeconds' })
  await s.scheduler.close()
})

test('buries at once what Lambda refuses for good', async () => {
  const target: ScheduleTarget = {
    arn: 'arn:function',
    accept: () => Promise.reject(new InvocationRefused('AccessDeniedException', 'not allowed')),
  }
  const s = scenario({}, { target })
  expect(await s.scheduler.trigger('nightly')).toEqual([])
  expect(attributesOf(s.buried[0])).toMatchObject({
    ERROR_CODE: 'AccessDeniedException',
    RETRY_ATTEMPTS: '0',
  })
  expect(attributesOf(s.buried[0])).not.toHaveProperty('EXHAUSTED_RETRY_CONDITION')
  await s.scheduler.close()
})

test('refuses what it cannot run', async () => {
  expect(() => scenario({ expression: 'rate(x)' })).toThrow('rate(x)')
  expect(() => scenario({ input: '{' })).toThrow('nightly')
  expect(() => scenario({ input: '"<aws.scheduler.nothing>"' })).toThrow('<aws.scheduler.nothing>')
  expect(() => scenario({ maximumRetryAttempts: 186 })).toThrow('MaximumRetryAttempts')
  await expect(scenario().scheduler.trigger('hourly')).rejects.toThrow(
    'There is no schedule hourly, only nightly',
  )
})
