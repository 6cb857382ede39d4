import { expect, test } from 'vitest'
import { traceContext, traceLogKeys } from './trace-context.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const traceparent = `00-${traceId}-00f067aa0ba902b7-01`
const xray = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1'

test("goes on in the caller's trace", () => {
  expect(traceContext({ traceparent, xray, id: 'r' }).traceparent).toContain(traceId)
})

test("goes on in X-Ray's trace when the caller's header is broken", () => {
  expect(traceContext({ traceparent: 'broken', xray, id: 'r' }).traceparent).toContain(
    '5759e988bd862e3fe1be46a994272793',
  )
})

test('begins a trace when there is none', () => {
  const [one, other] = [traceContext({ id: 'r' }), traceContext({ id: 'r' })]
  expect(one.traceparent).not.toBe(other.traceparent)
})

test("keeps the caller's correlation id", () => {
  expect(traceContext({ correlationId: 'shop-7:42', id: 'r' }).correlationId).toBe('shop-7:42')
})

test.each(['JKJaXmPLvHcESHA=', '6ug+Ct1EMDL2vbo=', '/ab+'])(
  'keeps %j, a request id of API Gateway that an event carries as its correlation id',
  (correlationId) => {
    expect(traceContext({ correlationId, id: 'message-1' }).correlationId).toBe(correlationId)
  },
)

test.each(['', 'a\r\nx-evil: 1', '{"a":1}', 'ü', 'a'.repeat(129), '-leading'])(
  'takes the own id when the correlation id reads %j',
  (correlationId) => {
    expect(traceContext({ correlationId, id: 'request-1' }).correlationId).toBe('request-1')
  },
)

test('names trace and correlation id for log lines', () => {
  expect(traceLogKeys(traceContext({ traceparent, correlationId: 'c', id: 'r' }))).toEqual({
    correlation_id: 'c',
    trace_id: traceId,
  })
})
