import { describe, expect, test } from 'vitest'
import { childTraceparent, newTrace, parseTraceparent, parseXrayHeader } from './traceparent.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const spanId = '00f067aa0ba902b7'

describe('a traceparent header', () => {
  test('names trace, span and whether it is sampled', () => {
    expect(parseTraceparent(`00-${traceId}-${spanId}-01`)).toEqual({ traceId, spanId, sampled: true })
    expect(parseTraceparent(`00-${traceId}-${spanId}-00`)).toEqual({ traceId, spanId, sampled: false })
  })

  test('may have unknown flags, of which only the sampled bit counts', () => {
    expect(parseTraceparent(`00-${traceId}-${spanId}-ff`)?.sampled).toBe(true)
    expect(parseTraceparent(`00-${traceId}-${spanId}-fe`)?.sampled).toBe(false)
  })

  test('of a later version is read as far as it is known', () => {
    expect(parseTraceparent(`cc-${traceId}-${spanId}-01`)?.traceId).toBe(traceId)
    expect(parseTraceparent(`cc-${traceId}-${spanId}-01-what-comes`)?.traceId).toBe(traceId)
  })

  test.each([
    ['is absent', undefined],
    ['is empty', ''],
    ['has version ff', `ff-${traceId}-${spanId}-01`],
    ['has upper case', `00-${traceId.toUpperCase()}-${spanId}-01`],
    ['has a trace id of zeros', `00-${'0'.repeat(32)}-${spanId}-01`],
    ['has a span id of zeros', `00-${traceId}-${'0'.repeat(16)}-01`],
    ['has version 00 and a fifth part', `00-${traceId}-${spanId}-01-more`],
    ['has a later version and no dash behind the flags', `cc-${traceId}-${spanId}-01.more`],
    ['has a short trace id', `00-${traceId.slice(1)}-${spanId}-01`],
    ['has flags of one digit', `00-${traceId}-${spanId}-1`],
    ['was sent twice', `00-${traceId}-${spanId}-01,00-${traceId}-${spanId}-01`],
    ['holds a line break', `00-${traceId}-${spanId}-01\n`],
  ])('that %s is none', (_, text) => {
    expect(parseTraceparent(text)).toBeUndefined()
  })
})

describe('an X-Ray header', () => {
  test("names the same trace, without its root's dashes", () => {
    expect(parseXrayHeader(`Root=1-5759e988-bd862e3fe1be46a994272793;Parent=${spanId};Sampled=1`)).toEqual({
      traceId: '5759e988bd862e3fe1be46a994272793',
      spanId,
      sampled: true,
    })
  })

  test('may put its members in any order and leave the parent out', () => {
    const parsed = parseXrayHeader('Sampled=0; Root=1-5759e988-bd862e3fe1be46a994272793;Lineage=1:a87bd80c:0')
    expect(parsed).toMatchObject({ traceId: '5759e988bd862e3fe1be46a994272793', sampled: false })
    expect(parsed?.spanId).toMatch(/^[\da-f]{16}$/)
  })

  test.each([
    undefined,
    '',
    'Root=2-5759e988-bd862e3fe1be46a994272793',
    'Self=1-5759e988-bd862e3fe1be46a994272793',
    `Root=1-00000000-${'0'.repeat(24)}`,
  ])('is none when it reads %s', (text) => {
    expect(parseXrayHeader(text)).toBeUndefined()
  })
})

test('a child keeps trace and sampling and has a span of its own', () => {
  const child = childTraceparent({ traceId, spanId, sampled: true })
  expect(child).toMatch(new RegExp(`^00-${traceId}-[\\da-f]{16}-01$`))
  expect(child).not.toContain(spanId)
})

test('a new trace gives a header that parses', () => {
  expect(parseTraceparent(childTraceparent(newTrace()))).toBeDefined()
})
