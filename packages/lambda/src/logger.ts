import { Logger } from '@aws-lambda-powertools/logger'

/** Members whose values no log line may hold, at any depth. */
const secretName = /authorization|secret|signature|token|cookie|password|idempotency.?key/i
const isPrivate = (name: string): boolean =>
  secretName.test(name) ||
  // What DynamoDB returns with a failed condition: a merchant's data.
  name === 'Item'

/** Secrets that stand in a text, wherever it came from: bearer tokens, JWTs, webhook secrets, signatures of presigned URLs. */
const secretText =
  /\bBearer\s+[^\s"',]+|\beyJ[\w-]+\.[\w-]*\.[\w-]*|\bwhsec_[\w+/=-]+|(?<=[?&]X-Amz-(?:Signature|Security-Token|Credential)=)[^&\s"']+/gi

/**
 * The function's logger. Service name and level come from POWERTOOLS_SERVICE_NAME and POWERTOOLS_LOG_LEVEL. One JSON line per entry:
 * JSON escapes line breaks, so no value can forge a line.
 */
export const logger = new Logger({
  jsonReplacerFn: (name, value) => {
    if (isPrivate(name) && value !== undefined) return '[redacted]'
    return typeof value === 'string' ? value.replaceAll(secretText, '[redacted]') : value
  },
})
