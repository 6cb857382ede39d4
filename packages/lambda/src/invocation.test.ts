import { expect, onTestFinished, test, vi } from 'vitest'
import { beginInvocation, invocationDeadline } from './invocation.ts'
import { invocationOf } from './invocation-of.ts'

test('the deadline leaves what was reserved of the time that Lambda still gives', () => {
  vi.useFakeTimers({ now: new Date('2026-11-23T09:00:00.000Z') })
  onTestFinished(() => void vi.useRealTimers())
  beginInvocation(invocationOf('1'))
  // invocationOf() has ten seconds left.
  expect(invocationDeadline(4_000)).toEqual(new Date('2026-11-23T09:00:06.000Z'))
})
