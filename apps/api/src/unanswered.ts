/** By name: of the SDK's own timeouts, and of a request that was cut off because the invocation ends (aws-clients.ts). */
const names = new Set(['TimeoutError', 'AbortError'])
/** By Node's code: no connection, or one that was lost. */
const codes = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN'])

/** Whether a service that was asked gave no answer in time. What it was asked for may have happened. */
export const isUnanswered = (error: Error): boolean =>
  names.has(error.name) || ('code' in error && typeof error.code === 'string' && codes.has(error.code))
