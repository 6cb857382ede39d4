import { balancedBooks, balancedInbox } from '@stockroom/ops/audit/balanced-books'
import { expect, test } from 'vitest'
import { type Exchange, History } from './history.ts'
import { type Evidence, judge } from './rules.ts'
import type { ApiAnswer } from './world.ts'

const id = (prefix: string, n: number) => `${prefix}_${String(n).padStart(26, '0')}`
const answer = (status: number, body: unknown = {}): ApiAnswer => ({ status, body, headers: {} })
const asked = (
  path: string,
  key: string,
  got: ApiAnswer,
  body: unknown = {},
  merchant = 'acme',
): Exchange => ({
  request: { merchant, method: 'POST', path, body, idempotencyKey: key },
  at: 0,
  attempts: [got],
  answer: got,
})

/** What a run leaves in which every promise holds: the balanced books, and the requests, file and endpoint that they came from. */
const soundEvidence = (): Evidence => {
  const history = new History(() => 0)
  history.exchanges.push(
    asked('/orders', 'k1', answer(201, { id: 'ord_1' })),
    asked('/orders/ord_1/payment', 'k2', answer(200, { id: 'ord_1' })),
  )
  history.files.push({
    merchant: 'acme',
    uploadId: 'upl_1',
    stored: 'stored',
    units: new Map([['MUG', 10]]),
    rowsWrong: 1,
  })
  history.subscriptions.push({
    merchant: 'acme',
    id: 'whk_1',
    inbox: 'acme',
    secret: 'whsec_c2VjcmV0',
    at: 0,
  })
  return {
    facts: balancedBooks,
    inboxes: new Map([['http://127.0.0.1/acme', balancedInbox]]),
    history,
    parked: [],
    logLines: [],
    invocations: [],
    breaches: [],
    unrest: undefined,
  }
}

test('nothing is broken when every promise holds', () => {
  expect(judge(soundEvidence())).toEqual([])
})

const withHistory = (change: (history: History) => void) => (): Evidence => {
  const evidence = soundEvidence()
  change(evidence.history)
  return evidence
}
const withEvidence = (change: Partial<Evidence>) => (): Evidence => ({ ...soundEvidence(), ...change })
const [event] = balancedInbox.events

test.each<[string, () => Evidence]>([
  ['I1 I2', withEvidence({ breaches: ['acme/MUG: available -1'] })],
  ['I12 the system', withEvidence({ unrest: '3 messages in chunks' })],
  [
    'I12 everybody',
    withHistory(({ exchanges }) => {
      exchanges.push({ ...asked('/orders', 'k3', answer(500)), answer: undefined })
    }),
  ],
  [
    'I9',
    withHistory(({ exchanges }) => {
      exchanges.push(asked('/orders', 'k1', answer(201, { id: 'ord_2' })))
    }),
  ],
  [
    'I9',
    withHistory(({ exchanges }) => {
      exchanges.push(asked('/orders', 'k1', answer(201, { id: 'ord_1' }), { reference: 'other' }))
    }),
  ],
  ['I8 what', withHistory(({ exchanges }) => void exchanges.shift())],
  ['I8 what', withHistory(({ exchanges }) => void exchanges.pop())],
  [
    'I8 what',
    withHistory(({ exchanges }) => {
      exchanges.push(asked('/orders', 'k3', answer(201, { id: 'ord_3' })))
    }),
  ],
  [
    'I8 every',
    withHistory(
      ({ files }) =>
        void files.splice(0, 1, { ...files[0], units: new Map([['MUG', 5]]) } as (typeof files)[0]),
    ),
  ],
  [
    'I8 every',
    withHistory(({ files }) => void files.splice(0, 1, { ...files[0], rowsWrong: 0 } as (typeof files)[0])),
  ],
  [
    'I4',
    withEvidence({
      inboxes: new Map([
        ['http://127.0.0.1/acme', { ...balancedInbox, events: balancedInbox.events.slice(1) }],
      ]),
    }),
  ],
  [
    'I4',
    withEvidence({
      inboxes: new Map([
        ['http://127.0.0.1/acme', { ...balancedInbox, events: balancedInbox.events.toReversed() }],
      ]),
    }),
  ],
  [
    'I4',
    withEvidence({
      inboxes: new Map([['http://127.0.0.1/acme', { ...balancedInbox, refused: ['no signature matches'] }]]),
    }),
  ],
  [
    'I10',
    withEvidence({
      inboxes: new Map([
        [
          'http://127.0.0.1/acme',
          {
            ...balancedInbox,
            events: balancedInbox.events.map((one) => ({
              ...one,
              merchant: one.id === event?.id ? 'globex' : one.merchant,
            })),
          },
        ],
      ]),
    }),
  ],
  [
    'I10',
    (): Evidence => {
      const evidence = soundEvidence()
      const foreign = {
        ...balancedBooks.endpoints[0],
        merchant: 'globex',
        id: id('whk', 7),
      } as (typeof balancedBooks.endpoints)[0]
      evidence.history.exchanges.push(asked('/uploads', 'k9', answer(404, { detail: foreign.id })))
      return { ...evidence, facts: { ...balancedBooks, endpoints: [...balancedBooks.endpoints, foreign] } }
    },
  ],
  ['I13', withEvidence({ logLines: ['{"authorization":"Bearer canary-token-of-acme"}'] })],
  ['I13', withEvidence({ parked: [{ where: 'dlq', payload: 'whsec_c2VjcmV0' }] })],
  [
    'I13',
    withHistory(
      ({ exchanges }) => void exchanges.push(asked('/x', 'k9', answer(422, { detail: 'c2VjcmV0' }))),
    ),
  ],
  ['I14', withEvidence({ invocations: [{ function: 'api', requestId: 'r-1', outcome: 'failed' }] })],
  [
    'audit: every event was published',
    withEvidence({
      facts: {
        ...balancedBooks,
        envelopes: balancedBooks.envelopes.map((one) => ({ ...one, pending: true })),
      },
    }),
  ],
])('%s is missed when it does not hold', (rule, evidence) => {
  expect(judge(evidence()).map((violation) => violation.rule)).toContainEqual(
    expect.stringMatching(new RegExp(`^${rule}`)),
  )
})
