import { audit, isClean } from '@stockroom/ops/audit/audit'
import { printAudit } from '@stockroom/ops/audit/print-audit'
import { readFacts } from '@stockroom/ops/audit/read-facts'
import { settle } from '@stockroom/ops/audit/settle'
import { generateShop } from '@stockroom/ops/demo/generate-shop'
import { runDemo } from '@stockroom/ops/demo/run-demo'
import { type LocalStage, startLocalStage } from '@stockroom/ops/local/local-stage'
import type { Progress } from '@stockroom/ops/terminal/progress'
import { afterEach, describe, expect, it } from 'vitest'
import { assemblyWithout } from './without-permission.ts'

const silent: Progress = {
  step: async (_, work) => void (await work(() => undefined)),
  line: () => undefined,
}

let local: LocalStage | undefined
afterEach(async () => {
  await local?.close()
  local = undefined
})

const demo = async (stage: LocalStage, orders: number): Promise<string> => {
  const expected = await Promise.race([runDemo(stage.target, generateShop(3, orders), silent), stage.denied])
  const facts = await settle(
    () => readFacts(stage.access, stage.stage),
    () => undefined,
  )
  const checks = [...audit(facts, stage.receiver.inboxes()), expected]
  return isClean(checks) ? 'clean' : printAudit(checks)
}

describe('the demo on the local cloud', () => {
  it('balances, with webhooks that had to be sent again', async () => {
    local = await startLocalStage({ turnAway: (id, times) => times === 0 && id.endsWith('0') })
    expect(await demo(local, 60)).toBe('clean')
  })

  it('balances although functions are killed in the middle of their work', async () => {
    local = await startLocalStage()
    const { cloud } = local
    const seen = new Map<string, number>()
    // Kills a function each time it has made some calls: in the middle of an invocation, and never at the same place.
    const every = new Map([
      ['Http', 97],
      ['RelayOutbox', 23],
      ['ImportChunk', 1_000_000],
      ['FanOutEvent', 151],
    ])
    const stop = cloud.calls.subscribe(({ principal }) => {
      for (const [part, interval] of every)
        if (principal.includes(part)) {
          const calls = (seen.get(part) ?? 0) + 1
          seen.set(part, calls)
          if (calls % interval === 0) cloud.killFunction(principal)
        }
    })
    const outcome = await demo(local, 60)
    stop()
    expect(outcome).toBe('clean')
    for (const part of ['Http', 'RelayOutbox', 'FanOutEvent'])
      expect(seen.get(part), part).toBeGreaterThan(every.get(part) ?? 0)
  })

  it.each([
    ['FunctionsHttp', 'dynamodb:PutItem'],
    ['FunctionsRelayOutbox', 'sqs:SendMessage'],
    ['FunctionsImportChunk', 'dynamodb:UpdateItem'],
    ['FunctionsDeliverWebhook', 'kms:Decrypt'],
  ])('fails when the role of %s lacks %s, and names both', async (functionId, action) => {
    local = await startLocalStage({ assembly: assemblyWithout(functionId, action) })
    const failure = await demo(local, 10).then(() => 'it went through', String)
    expect(failure).toContain(action)
    expect(failure).toContain(functionId)
  })
})
