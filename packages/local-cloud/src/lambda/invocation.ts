/**
 * What one invocation of a function came to.
 * `failed` covers a handler's own error (`errorType` is its name), a timeout (`Sandbox.Timedout`) and a process that died
 * (`Runtime.ExitError`); `throttled` means that no execution environment was free and the function never saw the event.
 */
export type Invocation =
  | { readonly outcome: 'succeeded'; readonly payload: unknown }
  | {
      readonly outcome: 'failed'
      readonly errorType: string
      readonly errorMessage: string
      readonly payload: unknown
    }
  | { readonly outcome: 'throttled' }

/** A deployed function as its event sources see it. */
export interface InvocableFunction {
  readonly name: string
  readonly arn: string
  readonly timeoutSeconds: number
  /**
   * Invokes synchronously (RequestResponse): resolves when the handler has answered, never rejects.
   * `traceHeader` becomes the invocation's `Lambda-Runtime-Trace-Id`; without it a fresh root is made.
   */
  invoke(event: unknown, options?: { readonly traceHeader?: string }): Promise<Invocation>
}
