import * as z from 'zod/mini'

/** What the audit and the commands need of a stack's outputs, by the names that infra gives them. */
const Outputs = z.object({
  ApiUrl: z.url(),
  ShopTableName: z.string(),
  OutboxTableName: z.string(),
  WebhooksTableName: z.string(),
  UploadsBucketName: z.string(),
  ExportsBucketName: z.string(),
  FailuresBucketName: z.string(),
})

/** A queue among a stage's outputs. */
export interface StageQueue {
  readonly name: string
  readonly url: string
  readonly deadLetters: boolean
}

/** A function among a stage's outputs; the Scheduler calls it. */
export interface StageFunction {
  readonly name: string
  readonly functionName: string
}

/** A running Stockroom: the local cloud or a deployed stage. */
export type Stage = z.infer<typeof Outputs> & {
  readonly queues: readonly StageQueue[]
  readonly functions: readonly StageFunction[]
}

/** Reads the outputs of both stacks as one record. @throws ZodError that names each output that is missing. */
export const readStage = (outputs: Readonly<Record<string, string>>): Stage => ({
  ...Outputs.parse(outputs),
  queues: Object.entries(outputs).flatMap(([output, url]) => {
    const name = /^(.+)QueueUrl$/.exec(output)?.[1]
    return name === undefined ? [] : [{ name, url, deadLetters: name.endsWith('Dlq') }]
  }),
  functions: Object.entries(outputs).flatMap(([output, functionName]) => {
    const name = /^(.+)FunctionName$/.exec(output)?.[1]
    return name === undefined ? [] : [{ name, functionName }]
  }),
})
