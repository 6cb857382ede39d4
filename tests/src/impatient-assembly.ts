import { cpSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

interface Resource {
  readonly Type: string
  readonly Properties: Record<string, unknown>
}

/** Seconds; the import gives a throttled chunk 20 of them. */
const functionTimeout = (id: string): number => (id.includes('ImportChunk') ? 25 : 5)
const visibilityTimeout = (id: string): number => (id.includes('QueuesChunks') ? 25 : 5)

/**
 * A copy of the synthesised assembly that gives up within seconds instead of hours, in the same way: short visibility, two receives, one retry of the
 * stream; and a Scheduler that may call nothing.
 */
export const impatientAssembly = (): string => {
  const copy = mkdtempSync(join(tmpdir(), 'assembly-'))
  cpSync(join(import.meta.dirname, '../../infra/cdk.out'), copy, { recursive: true })
  for (const name of readdirSync(copy).filter((file) => file.endsWith('.template.json'))) {
    const file = join(copy, name)
    const template = JSON.parse(readFileSync(file, 'utf8')) as { Resources: Record<string, Resource> }
    for (const [id, { Type, Properties }] of Object.entries(template.Resources)) {
      if (Type === 'AWS::SQS::Queue' && 'RedrivePolicy' in Properties) {
        Properties.VisibilityTimeout = visibilityTimeout(id)
        Properties.RedrivePolicy = {
          ...(Properties.RedrivePolicy as object),
          maxReceiveCount: id.includes('QueuesChunks') ? 1 : 2,
        }
      }
      if (Type === 'AWS::Lambda::Function' && !/Http|ReportSales/.test(id))
        Properties.Timeout = functionTimeout(id)
      if (Type === 'AWS::Lambda::EventSourceMapping' && 'StartingPosition' in Properties)
        Properties.MaximumRetryAttempts = 1
      if (Type === 'AWS::IAM::Policy' && id.startsWith('SchedulesRole')) {
        const document = Properties.PolicyDocument as { Statement: { Action: string }[] }
        document.Statement = document.Statement.filter(({ Action }) => Action !== 'lambda:InvokeFunction')
      }
    }
    writeFileSync(file, JSON.stringify(template))
  }
  return copy
}
