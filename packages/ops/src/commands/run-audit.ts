import * as z from 'zod/mini'
import { audit, isClean } from '../audit/audit.ts'
import { printAudit } from '../audit/print-audit.ts'
import { readFacts } from '../audit/read-facts.ts'
import { awsAccess } from '../aws-access.ts'
import { runningStage } from '../local/running-stage.ts'
import { readStage } from '../stage.ts'
import { Inbox } from '../webhook/inbox.ts'

/** Audits the running local stage as it is now, without waiting for what moves. Returns the exit code: 0 when the books balance. */
export const runAudit = async ({ json }: { readonly json: boolean }): Promise<number> => {
  const { outputs, region, credentials, endpoints, desk } = runningStage()
  const answer = await fetch(`${desk}/inboxes`)
  const inboxes = z.record(z.string(), Inbox).parse(await answer.json())
  const facts = await readFacts(awsAccess({ region, credentials, ...endpoints }), readStage(outputs))
  const checks = audit(facts, new Map(Object.entries(inboxes)))
  process.stdout.write(json ? `${JSON.stringify(checks, null, 2)}\n` : `${printAudit(checks)}\n`)
  return isClean(checks) ? 0 : 1
}
