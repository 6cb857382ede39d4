import { expect, test } from 'vitest'
import type { Invocation } from '../lambda/invocation.ts'
import { ManualClock } from '../manual-clock.ts'
import { AsynchronousInvocation, type AsynchronousInvocationConfig } from './asynchronous-invocation.ts'
import type { EventSourceFact } from './event-source-observer.ts'
import { failed, ScriptedFunction, succeeded, throttled } from './scripted-function.ts'

const scenario = (
  answer: (call: number) => Invocation,
  config: AsynchronousInvocationConfig | ((queue: (name: string) => object) => object) = {},
) => {
  const clock = new ManualClock()
  const begin = clock.now()
  const at: number[] = []
  const target = new ScriptedFunction((_event, call) => {
    at.push((clock.now() - begin) / 1_000)
    return answer(call)
  })
  const facts: EventSourceFact[] = []
  const sent: { queue: string; body: unknown }[] = []
  const queue = (name: string) => ({
    queueArn: name,
    send: async ({ body }: { body: string }) => void sent.push({ queue: name, body: JSON.parse(body) }),
  })
  const invocation = new AsynchronousInvocation(typeof config === 'function' ? config(queue) : config, {
    function: target,
    clock,
    observe: (fact) => facts.push(fact),
  })
  return { clock, at, target, facts, sent, invocation }
}
const outcomes = (invocations: readonly Invocation[]) => invocations.map(({ outcome }) => outcome)

test('retries a function error after one minute and again after two', async () => {
  const s = scenario(() => failed())
  const { finished } = await s.invocation.accept({})
  await s.clock.advance(3_600_000)
  expect(outcomes(await finished)).toEqual(['failed', 'failed', 'failed'])
  expect(s.at).toEqual([0, 60, 180])
  expect(s.facts.at(-1)).toEqual({ kind: 'discarded', records: 1, condition: 'RetriesExhausted' })
})

test('stops at the first success', async () => {
  const s = scenario((call) => (call === 2 ? succeeded() : failed()))
  const { finished } = await s.invocation.accept({})
  await s.clock.advance(3_600_000)
  expect(outcomes(await finished)).toEqual(['failed', 'succeeded'])
})

test('an EventInvokeConfig sets the retries', async () => {
  const s = scenario(() => failed(), { maximumRetryAttempts: 0 })
  const { finished } = await s.invocation.accept({})
  expect(outcomes(await finished)).toEqual(['failed'])
})

test('throttles are no retries: they go on with a growing pause until the event is too old', async () => {
  const s = scenario(() => throttled, { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 })
  const { finished } = await s.invocation.accept({})
  await s.clock.advance(3_600_000)
  await finished
  expect(s.at).toEqual([0, 1, 3, 7, 15, 31])
  expect(s.facts.at(-1)).toMatchObject({ condition: 'EventAgeExceeded' })
})

test('what failed for good goes to the destination with request and response, and bare to the dead-letter queue', async () => {
  const s = scenario(
    () => failed('Boom', 'no'),
    (queue) => ({ maximumRetryAttempts: 0, onFailure: queue('failures'), deadLetterQueue: queue('dead') }),
  )
  await (await s.invocation.accept({ n: 1 })).finished
  expect(s.sent).toEqual([
    {
      queue: 'failures',
      body: {
        version: '1.0',
        timestamp: '2026-01-01T00:00:00.000Z',
        requestContext: {
          requestId: expect.any(String),
          functionArn: `${s.target.arn}:$LATEST`,
          condition: 'RetriesExhausted',
          approximateInvokeCount: 1,
        },
        requestPayload: { n: 1 },
        responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
        responsePayload: { errorType: 'Boom', errorMessage: 'no' },
      },
    },
    { queue: 'dead', body: { n: 1 } },
  ])
})

test('a success goes to its own destination', async () => {
  const s = scenario(
    () => succeeded({ ok: true }),
    (queue) => ({ onSuccess: queue('successes'), onFailure: queue('failures') }),
  )
  await (await s.invocation.accept({})).finished
  expect(s.sent).toMatchObject([
    { queue: 'successes', body: { requestContext: { condition: 'Success' }, responsePayload: { ok: true } } },
  ])
})

test('closing ends the retries', async () => {
  const s = scenario(() => failed())
  const { finished } = await s.invocation.accept({})
  await s.clock.advance(0)
  await s.invocation.close()
  expect(outcomes(await finished)).toEqual(['failed'])
})
