import { expect, it } from 'vitest'
import { makeCallRecorder, type RecordedCall } from './call-recorder.ts'

const call = (operation: string): RecordedCall => ({
  at: 0,
  principal: 'worker',
  service: 'sqs',
  operation,
  actions: [{ action: 'sqs:SendMessage', resource: 'arn', decision: { allowed: true, grant: 'operator' } }],
  status: 200,
  durationMs: 1,
  requestBytes: 0,
  responseBytes: 0,
})

it('keeps the newest calls, counts all, and tells subscribers until they leave', () => {
  const recorder = makeCallRecorder(2)
  const seen: string[] = []
  const leave = recorder.subscribe(({ operation }) => seen.push(operation))
  for (const operation of ['1', '2', '3', '4']) recorder.record(call(operation))
  leave()
  recorder.record(call('5'))
  expect(recorder.recent().map(({ operation }) => operation)).toEqual(['4', '5'])
  expect(recorder.counts()).toMatchObject([{ allowed: 5, denied: 0 }])
  expect(seen).toEqual(['1', '2', '3', '4'])
})
