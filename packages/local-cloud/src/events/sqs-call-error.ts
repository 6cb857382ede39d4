/** SQS refused a call; `code` is the error's name in its JSON protocol, for a batch that of the first entry that failed. */
export class SqsCallError extends Error {
  readonly code: string

  constructor(action: string, code: string, message: string) {
    super(`${action}: ${code}: ${message}`)
    this.name = 'SqsCallError'
    this.code = code
  }
}
