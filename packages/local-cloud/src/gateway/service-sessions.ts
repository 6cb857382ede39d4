/** Session tokens of calls that a service makes under a function's or a schedule's role: no execution environment makes them. */
export const serviceSessions = {
  mapping: 'event-source-mapping',
  scheduler: 'scheduler',
  asynchronous: 'asynchronous-invocation',
} as const

const names: ReadonlySet<string | undefined> = new Set(Object.values(serviceSessions))

/** Whether a session token names a service instead of an execution environment. */
export const isServiceSession = (sessionToken: string | undefined): boolean => names.has(sessionToken)
