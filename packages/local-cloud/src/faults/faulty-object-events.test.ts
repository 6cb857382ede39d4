import { expect, test } from 'vitest'
import type { ObjectEvent } from '../events/object-event.ts'
import { ManualClock } from '../manual-clock.ts'
import type { DeliveryFault } from './delivery-fault.ts'
import { exactFaultPlan } from './fault-plan.ts'
import { faultyObjectEvents } from './faulty-object-events.ts'

const put = (key: string): ObjectEvent => ({
  name: 'ObjectCreated:Put',
  bucket: 'files',
  key,
  at: 0,
  sequencer: '1',
  principalId: 'p',
  sourceIp: '127.0.0.1',
  requestId: 'r',
})

test.each<[DeliveryFault, readonly string[]]>([
  [{ kind: 'duplicate', ms: 5 }, ['a', 'b', 'a']],
  [{ kind: 'late', ms: 5 }, ['b', 'a']],
  [{ kind: 'test_event' }, ['s3:TestEvent', 'a', 'b']],
])('%j in the first of two changes tells %j', async (fault, expected) => {
  const clock = new ManualClock()
  const told: string[] = []
  const accept = faultyObjectEvents({
    accept: ({ key }) => told.push(key),
    sendTestEvent: () => told.push('s3:TestEvent'),
    plan: exactFaultPlan([{ via: 'bucket', source: 'files', nth: 1, fault }]),
    clock,
    source: 'files',
  })
  accept(put('a'))
  accept(put('b'))
  await clock.advance(10)
  expect(told).toEqual(expected)
})
