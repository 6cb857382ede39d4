import { describe, expect, it } from 'vitest'
import { callFaultKinds, failedEntries } from './call-fault.ts'
import { type DeliveryVia, deliveryFaultKinds } from './delivery-fault.ts'
import { type CallSite, exactFaultPlan, type FaultPlan, makeFaultPlan } from './fault-plan.ts'

const sites = (count: number, operation = 'TransactWriteItems', caller = 'api'): CallSite[] =>
  Array.from({ length: count }, (_, index) => ({ caller, operation, nth: index + 1 }))
const kindsAt = (plan: FaultPlan, at: readonly CallSite[]) => at.map((site) => plan.faultFor(site)?.kind)

describe('a fault plan', () => {
  it('decides by seed, caller, operation and number, whatever was asked before', () => {
    const all = [...sites(200), ...sites(200, 'GetItem'), ...sites(200, 'GetItem', 'relay')]
    const plan = () => makeFaultPlan({ seed: 7, rate: 0.3 })
    const forwards = kindsAt(plan(), all)
    expect(kindsAt(plan(), [...all].reverse()).reverse()).toEqual(forwards)
    expect(kindsAt(makeFaultPlan({ seed: 8, rate: 0.3 }), all)).not.toEqual(forwards)
    expect(forwards.slice(200, 400)).not.toEqual(forwards.slice(400))
  })

  it.each([0, 0.1, 0.5, 1])('makes faults at the rate %d', (rate) => {
    const plan = makeFaultPlan({ seed: 1, rate })
    for (const site of sites(5_000)) plan.faultFor(site)
    expect(plan.injected.length / 5_000).toBeCloseTo(rate, 1)
  })

  it.each([-0.1, 1.1, Number.NaN])('refuses the rate %d', (rate) => {
    expect(() => makeFaultPlan({ seed: 1, rate })).toThrow(RangeError)
  })

  it.each(['TransactWriteItems', 'GetItem', 'BatchGetItem', 'SendMessageBatch', 'PutObject', 'Encrypt'])(
    'chooses for %s all kinds that make sense for it, and no other',
    (operation) => {
      const chosen = kindsAt(makeFaultPlan({ seed: 1, rate: 1 }), sites(500, operation))
      expect(new Set(chosen)).toEqual(new Set(callFaultKinds(operation)))
    },
  )

  it.each(Object.keys(deliveryFaultKinds) as DeliveryVia[])(
    'chooses for a %s all kinds that make sense for it, and no other',
    (via) => {
      const plan = makeFaultPlan({ seed: 1, rate: 1 })
      for (let nth = 1; nth <= 500; nth += 1) plan.deliveryFaultFor({ via, source: 'Work', nth })
      expect(new Set(plan.injected.map(({ fault }) => fault.kind))).toEqual(new Set(deliveryFaultKinds[via]))
    },
  )

  it('knows no transaction conflict of a read and no partial failure of a single message', () => {
    expect(callFaultKinds('GetItem')).not.toContain('transaction_conflict')
    expect(callFaultKinds('SendMessage')).not.toContain('partial')
    expect(callFaultKinds('TransactWriteItems')).not.toContain('stale_read')
  })

  it('keeps to the kinds and sites that it is given', () => {
    const plan = makeFaultPlan({
      seed: 1,
      rate: 1,
      kinds: ['throttle', 'duplicate'],
      only: (site) => !('caller' in site) || site.caller === 'api',
    })
    expect(plan.faultFor({ caller: 'api', operation: 'GetItem', nth: 1 })).toMatchObject({ kind: 'throttle' })
    expect(plan.faultFor({ caller: 'relay', operation: 'GetItem', nth: 1 })).toBeUndefined()
    expect(plan.deliveryFaultFor({ via: 'standard queue', source: 'Work', nth: 1 })?.kind).toBe('duplicate')
    expect(plan.deliveryFaultFor({ via: 'fifo queue', source: 'Work', nth: 1 })).toBeUndefined()
  })

  it('keeps delays and latenesses from one millisecond to the longest', () => {
    const plan = makeFaultPlan({
      seed: 1,
      rate: 1,
      kinds: ['delay', 'late'],
      longestDelayMs: 5,
      longestLatenessMs: 9,
    })
    for (const site of sites(300)) plan.faultFor(site)
    for (let nth = 1; nth <= 300; nth += 1) plan.deliveryFaultFor({ via: 'bucket', source: 'Files', nth })
    const lengths = plan.injected.map(({ fault }) => ('ms' in fault ? fault.ms : 0))
    expect(new Set(lengths.slice(0, 300))).toEqual(new Set([1, 2, 3, 4, 5]))
    expect(new Set(lengths.slice(300))).toEqual(new Set([1, 2, 3, 4, 5, 6, 7, 8, 9]))
  })

  it('tells what it injected, and nothing that could not happen', () => {
    const plan = makeFaultPlan({ seed: 1, rate: 1, kinds: ['stale_read'] })
    const site = { caller: 'api', operation: 'GetItem', nth: 1 }
    expect(plan.faultFor(site, (kind) => kind !== 'stale_read')).toBeUndefined()
    expect(plan.injected).toEqual([])
    plan.faultFor(site)
    expect(plan.injected).toEqual([{ ...site, fault: { kind: 'stale_read' } }])
  })

  it('makes none when it was stopped', () => {
    const plan = makeFaultPlan({ seed: 1, rate: 1 })
    plan.stop()
    expect(plan.faultFor({ caller: 'api', operation: 'GetItem', nth: 1 })).toBeUndefined()
    expect(plan.deliveryFaultFor({ via: 'schedule', source: 'Sweep', nth: 1 })).toBeUndefined()
    expect(plan.injected).toEqual([])
  })

  it('can be repeated from what it injected, wholly or in part', () => {
    const plan = makeFaultPlan({ seed: 3, rate: 0.2 })
    const all = sites(100)
    const faults = all.map((site) => plan.faultFor(site))
    plan.deliveryFaultFor({ via: 'schedule', source: 'Sweep', nth: 1 })
    const repeated = exactFaultPlan(plan.injected)
    expect(all.map((site) => repeated.faultFor(site))).toEqual(faults)
    expect(repeated.injected).toHaveLength(faults.filter(Boolean).length)
    const [first] = plan.injected
    const shorter = exactFaultPlan(first ? [first] : [])
    expect(all.filter((site) => shorter.faultFor(site))).toHaveLength(1)
  })
})

describe('a partial failure', () => {
  it.each([1, 2, 10, 25])('hits at least one of %i entries, the same ones each time', (entries) => {
    for (let salt = 0; salt < 200; salt += 1) {
      const hit = failedEntries(salt, entries)
      expect(hit.length).toBeGreaterThan(0)
      expect(hit.every((index) => index >= 0 && index < entries)).toBe(true)
      expect(failedEntries(salt, entries)).toEqual(hit)
    }
    expect(new Set(Array.from({ length: 200 }, (_, salt) => failedEntries(salt, entries)).flat()).size).toBe(
      entries,
    )
  })
})
