import { invocationEnding } from './invocation.ts'

/** What every SDK client sends its requests with; their types differ in requests and answers only. */
interface Sending<Request, Answer> {
  handle(request: Request, options?: { readonly abortSignal?: unknown }): Promise<Answer>
}

/**
 * The client, whose requests and answers' bodies are cut off when the invocation's time is up, whatever attempts and timeouts add up to.
 * Calls that wait on then fail with AbortError, and so does every later one: the function can still say so before it is killed.
 */
export const endingWithInvocation = <
  Request,
  Answer,
  Client extends { readonly config: { readonly requestHandler: Sending<Request, Answer> } },
>(
  client: Client,
): Client => {
  const { requestHandler } = client.config
  const send = requestHandler.handle.bind(requestHandler)
  requestHandler.handle = (request, options) => {
    const ending = invocationEnding()
    const given = options?.abortSignal
    const abortSignal = given instanceof AbortSignal ? AbortSignal.any([given, ending]) : ending
    return send(request, { ...options, abortSignal })
  }
  return client
}
