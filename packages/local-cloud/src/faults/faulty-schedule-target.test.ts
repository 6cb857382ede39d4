import { expect, test } from 'vitest'
import { AsynchronousInvocation } from '../events/asynchronous-invocation.ts'
import { ScriptedFunction } from '../events/scripted-function.ts'
import { ManualClock } from '../manual-clock.ts'
import type { DeliveryFault } from './delivery-fault.ts'
import { exactFaultPlan } from './fault-plan.ts'
import { faultyScheduleTarget } from './faulty-schedule-target.ts'

const tick = async (fault: DeliveryFault) => {
  const target = new ScriptedFunction<string>()
  const invocations = new AsynchronousInvocation(
    {},
    { function: target, clock: new ManualClock(), observe: () => {} },
  )
  const faulty = faultyScheduleTarget({
    target: invocations,
    plan: exactFaultPlan([{ via: 'schedule', source: 'Sweep', nth: 1, fault }]),
    source: 'Sweep',
  })
  const first = await faulty.accept('first')
  const second = await faulty.accept('second')
  return { events: target.events, runs: (await first.finished).length, next: (await second.finished).length }
}

test('a double tick hands the same run over twice, and the next one once', async () => {
  expect(await tick({ kind: 'double_tick' })).toEqual({
    events: ['first', 'first', 'second'],
    runs: 2,
    next: 1,
  })
})

test('a missed tick never reaches the function, the next one does', async () => {
  expect(await tick({ kind: 'missed_tick' })).toEqual({ events: ['second'], runs: 0, next: 1 })
})
