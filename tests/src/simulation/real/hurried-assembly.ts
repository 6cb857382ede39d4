import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

interface Template {
  readonly Resources: Readonly<
    Record<string, { readonly Type: string; readonly Properties?: Record<string, unknown> }>
  >
}

interface Edit {
  /** What the logical ids of the resources begin with. */
  readonly id: string
  readonly type: string
  readonly property: string
  readonly seconds: number
}

/** Seconds that a function of the queue may take, and that a message of a consumer that died stays invisible. */
const consumers = [
  { queue: 'QueuesUploads', consumer: 'FunctionsPlanUpload', seconds: 8 },
  { queue: 'QueuesChunks', consumer: 'FunctionsImportChunk', seconds: 8 },
  // An event that overtook another comes ten times before it is parked and lets the other one through.
  { queue: 'QueuesEvents', consumer: 'FunctionsFanOutEvent', seconds: 4 },
  { queue: 'QueuesWebhookDeliveries', consumer: 'FunctionsDeliverWebhook', seconds: 6 },
] as const

const edits: readonly Edit[] = [
  ...consumers.flatMap(({ queue, consumer, seconds }) => [
    { id: queue, type: 'AWS::SQS::Queue', property: 'VisibilityTimeout', seconds },
    { id: consumer, type: 'AWS::Lambda::Function', property: 'Timeout', seconds },
  ]),
  // An idempotency record of a killed request stands until the request's own time would have ended.
  { id: 'FunctionsHttp', type: 'AWS::Lambda::Function', property: 'Timeout', seconds: 10 },
]

/**
 * Copies a synthesised assembly and shortens times in it, nothing else: here time is real, and with the template's own a message whose consumer was killed
 * would come back after one to six minutes. Timeouts of functions shrink with the visibility timeouts of their queues, to the least that Lambda allows
 * between them, one to one instead of one to six; so a slow consumer meets its own message again far sooner than it could on AWS.
 * @throws Error when the template lacks a resource or the time that is to be shortened.
 */
export const hurryAssembly = (assembly: string, copy: string): void => {
  cpSync(assembly, copy, { recursive: true })
  const missing = new Set(edits)
  for (const name of readdirSync(copy).filter((file) => file.endsWith('.template.json'))) {
    const file = join(copy, name)
    const template = JSON.parse(readFileSync(file, 'utf8')) as Template
    for (const [id, { Type, Properties }] of Object.entries(template.Resources))
      for (const edit of edits) {
        if (Type !== edit.type || !id.startsWith(edit.id) || typeof Properties?.[edit.property] !== 'number')
          continue
        Properties[edit.property] = edit.seconds
        missing.delete(edit)
      }
    writeFileSync(file, JSON.stringify(template))
  }
  const [first] = missing
  if (first !== undefined) throw new Error(`no ${first.type} ${first.id}… has a ${first.property} to shorten`)
}
