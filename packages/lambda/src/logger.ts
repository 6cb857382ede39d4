import { Logger } from '@aws-lambda-powertools/logger'

/** Members whose values no log line may hold, at any depth. */
const secretName = /authorization|secret|signature|token|cookie|password/i
const isPrivate = (name: string): boolean =>
  secretName.test(name) ||
  // What DynamoDB returns with a failed condition: a merchant's data.
  name === 'Item'

/**
 * The function's logger. Service name and level come from POWERTOOLS_SERVICE_NAME and POWERTOOLS_LOG_LEVEL. One JSON line per entry:
 * JSON escapes line breaks, so no value can forge a line.
 */
export const logger = new Logger({
  jsonReplacerFn: (name, value) => (isPrivate(name) && value !== undefined ? '[redacted]' : value),
})
