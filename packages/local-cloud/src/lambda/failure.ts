import type { Death } from './execution-environment.ts'
import type { RuntimeError } from './runtime-api.ts'

/** The error that callers of a function see when its process ended instead of answering. */
export const failureOf = (death: Death, requestId: string, timeoutSeconds: number): RuntimeError => {
  const error = (errorType: string, text: string): RuntimeError => ({
    errorType,
    errorMessage: `RequestId: ${requestId} Error: ${text}`,
  })
  if (death.cause === 'timeout') {
    return error('Sandbox.Timedout', `Task timed out after ${timeoutSeconds.toFixed(2)} seconds`)
  }
  if (death.initialisationError) return death.initialisationError
  if (death.cause !== 'exit') {
    const errorType = death.cause === 'memory' ? 'Runtime.OutOfMemory' : 'Runtime.ExitError'
    return error(errorType, 'Runtime exited with error: signal: killed')
  }
  if (death.signal) {
    return error('Runtime.ExitError', `Runtime exited with error: signal: ${signalName(death.signal)}`)
  }
  return error(
    'Runtime.ExitError',
    death.code === 0
      ? 'Runtime exited without providing a reason'
      : `Runtime exited with error: exit status ${death.code}`,
  )
}

/** Signals as Go prints them, which is how Lambda words the end of a process. */
const signalName = (signal: NodeJS.Signals): string => goNames.get(signal) ?? signal

const goNames = new Map<NodeJS.Signals, string>([
  ['SIGKILL', 'killed'],
  ['SIGABRT', 'aborted'],
  ['SIGSEGV', 'segmentation fault'],
  ['SIGTERM', 'terminated'],
])
