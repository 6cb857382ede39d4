import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { DeadLetter } from './dead-letter.ts'
import { insightsQuery, loggedFailures } from './logged-failures.ts'
import { messageSubject } from './message-subject.ts'
import { groupLetters, printLetters } from './print-letters.ts'

const aLetter = (id: string, body: string, change: Partial<DeadLetter> = {}): DeadLetter => ({
  id,
  receipt: id,
  body,
  attributes: {},
  system: {},
  sentAt: new Date('2026-11-23T09:00:00Z'),
  receives: 6,
  subject: messageSubject({ body, attributes: {}, system: {}, ...change }),
  ...change,
})
const event = (type: string) =>
  JSON.stringify({
    type,
    merchant: 'acme',
    correlationid: 'c-1',
    traceparent: `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01`,
  })
const shown = (letters: readonly DeadLetter[], failures = new Map<string, string>(), full = false) =>
  printLetters(
    { name: 'events', home: 'the queue Events' },
    { name: 'events', count: { waiting: 12, hidden: 0 }, letters, oldest: undefined },
    groupLetters(letters, failures),
    { full },
  )

describe('what a letter is about', () => {
  it.each([
    ['an event', event('order.paid.v1'), ['order.paid.v1'], ['acme']],
    ['a chunk', '{"merchant":"acme","uploadId":"upl_1","chunk":3}', ['chunk'], ['acme']],
    ['a delivery', '{"merchant":"acme","endpointId":"whk_1","eventId":"evt_1"}', ['delivery'], ['acme']],
    [
      'a notification',
      '{"Records":[{"eventName":"ObjectCreated:Post","s3":{"object":{"key":"uploads/acme/upl_01ARZ3NDEKTSV4RRFFQ69G5FAV.csv"}}}]}',
      ['ObjectCreated:Post'],
      ['acme'],
    ],
    [
      'a notification of a key that is none of ours',
      '{"Records":[{"eventName":"ObjectCreated:Post","s3":{"object":{"key":"%zz"}}}]}',
      ['ObjectCreated:Post'],
      [],
    ],
    ['no JSON', 'nothing', ['unreadable'], []],
    ['JSON of nobody', '[1]', ['unreadable'], []],
  ])('is told of %s', (_, body, types, merchants) => {
    expect(messageSubject({ body, attributes: {}, system: {} })).toMatchObject({ types, merchants })
  })

  it('holds trace and correlation, from the attributes first', () => {
    const text = (StringValue: string) => ({ DataType: 'String', StringValue })
    const body = event('order.paid.v1')
    expect(messageSubject({ body, attributes: {}, system: {} })).toMatchObject({
      correlationId: 'c-1',
      traceId: 'ab'.repeat(16),
    })
    const attributes = {
      correlationId: text('c-2'),
      traceparent: text(`00-${'12'.repeat(16)}-${'cd'.repeat(8)}-01`),
    }
    expect(messageSubject({ body, attributes, system: {} })).toMatchObject({
      correlationId: 'c-2',
      traceId: '12'.repeat(16),
    })
    const system = { AWSTraceHeader: 'Root=1-68000000-000000000000000000000001;Sampled=1' }
    expect(messageSubject({ body: '{}', attributes: {}, system }).traceId).toBe(
      '68000000000000000000000000000001',
    )
  })
})

describe('the letters on the screen', () => {
  it('stand in groups of one type and error, the largest first', () => {
    const letters = ['a', 'b', 'c', 'd'].map((id, n) =>
      aLetter(id, event(n === 0 ? 'order.paid.v1' : 'order.placed.v1')),
    )
    const failures = new Map([
      ['b', 'sequence_gap: ord_1 is at 0'],
      ['c', 'sequence_gap: ord_2 is at 4'],
      ['d', 'ZodError: what'],
    ])
    expect(groupLetters(letters, failures).map(({ error, letters: { length } }) => [error, length])).toEqual([
      ['sequence_gap: ord_1 is at 0', 2],
      [expect.stringContaining('no error is logged'), 1],
      ['ZodError: what', 1],
    ])
  })

  it('say how often they were received, since when, and on which trace', () => {
    const text = shown([aLetter('a', event('order.paid.v1'))])
    expect(text).toContain('events: 1 of 12 shown; home is the queue Events')
    expect(text).toContain(
      `a · acme · received 6 times · sent 2026-11-23T09:00:00.000Z · trace ${'ab'.repeat(16)} · correlation c-1`,
    )
  })

  it('are cut unless they are wanted in full', () => {
    const long = aLetter('a', JSON.stringify({ x: 'y'.repeat(500) }))
    expect(shown([long])).toMatch(/y… \(508 characters; --full shows all\)$/)
    expect(shown([long], new Map(), true)).toContain('y'.repeat(500))
  })

  it('show no secret', () => {
    const body = JSON.stringify({
      secret: 'hidden-1',
      nested: [{ Authorization: 'hidden-2' }],
      text: 'whsec_aGlkZGVuLTM= and Bearer hidden-4.x and eyJhbGciOi.eyJzdWIi.hidden5',
    })
    const text = shown([aLetter('a', body)], new Map([['a', 'Error: Bearer hidden-6']]), true)
    expect(text).not.toMatch(/hidden|aGlkZGVu/)
    expect(text.match(/\[redacted\]/g)).toHaveLength(6)
  })

  it('cannot write on the screen what they like', () => {
    const text = shown([aLetter('a', 'x\u001b[2Jy\r\nz\u202e')], new Map([['a', 'E: \u001b]0;title\u0007']]))
    expect(text).toContain('x\\u001b[2Jy\\u000d\\u000az\\u202e')
    for (const character of '\u001b\u0007\r\u202e') expect(text).not.toContain(character)
  })
})

describe('why letters failed', () => {
  const logOf = (...entries: object[]) => {
    const directory = mkdtempSync(join(tmpdir(), 'logs-'))
    onTestFinished(() => rmSync(directory, { recursive: true }))
    const lines = ['START RequestId: 1', ...entries.map((entry) => JSON.stringify(entry))]
    writeFileSync(
      join(directory, 'all.log'),
      lines.map((line) => `2026-11-23T09:00:00.000Z FanOutEvent ${line}\n`).join(''),
    )
    return directory
  }
  const failed = (messageId: string, error: object) => ({
    level: 'ERROR',
    message: 'Message failed',
    messageId,
    error,
  })

  it('is the last error that the log has of each, by its code where it has one', async () => {
    const directory = logOf(
      failed('a', { name: 'Error', message: 'first' }),
      failed('a', { name: 'n', code: 'sequence_gap', message: 'ord_1\nis at 0' }),
      failed('other', { name: 'Error', message: 'not asked for' }),
    )
    const letters = [aLetter('a', '{}'), aLetter('b', '{}')]
    expect(await loggedFailures(directory, letters)).toEqual(new Map([['a', 'sequence_gap: ord_1 is at 0']]))
  })

  it('is found for an object of the stream by the sequence numbers of its records', async () => {
    const directory = logOf({
      level: 'ERROR',
      message: 'Envelopes not published',
      failed: [{ sequenceNumber: '100', reason: 'InternalError' }],
    })
    const body = JSON.stringify({
      payload: JSON.stringify({ Records: [{ eventName: 'INSERT', dynamodb: { SequenceNumber: '100' } }] }),
    })
    const { receives: _, ...object } = aLetter('aws/lambda/x', body)
    expect(await loggedFailures(directory, [object])).toEqual(new Map([['aws/lambda/x', 'InternalError']]))
    expect(insightsQuery([object])).toContain('@message like "100"')
  })
})
