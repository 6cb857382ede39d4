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
    const killAt = new Map([
      ['Http', 97],
      ['RelayOutbox', 23],
      ['FanOutEvent', 40],
      ['DeliverWebhook', 30],
    ])
    const made = new Map<string, number>()
    const killed = new Set<string>()
    const stop = cloud.calls.subscribe(({ principal, environmentId }) => {
      // The pollers of a mapping call under the role of its function too; only a call with an environment comes from inside an invocation.
      if (environmentId === undefined) return
      for (const [part, call] of killAt) {
        if (!principal.includes(part)) continue
        made.set(part, (made.get(part) ?? 0) + 1)
        if (made.get(part) !== call) continue
        cloud.killFunction(principal)
        killed.add(part)
      }
    })
    const outcome = await demo(local, 60)
    stop()
    expect(outcome).toBe('clean')
    expect([...killed].toSorted()).toEqual([...killAt.keys()].toSorted())
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
