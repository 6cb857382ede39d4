import type { ExecutionEnvironment } from './execution-environment.ts'

/** How a port's method reaches AWS. */
export type Crossing =
  /** It does not, or its calls are made elsewhere. */
  | 'inside'
  | {
      /** As the SDK names it. */
      readonly operation: string
      /** A list or an index: may answer with what it last answered to the same question. */
      readonly lags?: boolean
      /** Each page that it yields is a call. */
      readonly pages?: boolean
      /** A TransactWriteItems with a ClientRequestToken. */
      readonly once?: boolean
    }

/** One crossing for each method of a port; a method that is missing does not compile. */
export type Crossings<T> = { readonly [M in keyof T as T[M] extends Method ? M : never]: Crossing }

type Method = (...values: never[]) => unknown

export const reads = (operation: string): Crossing => ({ operation })
export const lags = (operation: string): Crossing => ({ operation, lags: true })
export const pages = (operation: string): Crossing => ({ operation, pages: true })
export const transacts: Crossing = { operation: 'TransactWriteItems', once: true }

/** The same port with every call on its way through the environment: in virtual time, and where a fault may meet it. */
export const throughGate = <T extends object>(
  environment: ExecutionEnvironment,
  port: T,
  crossings: Crossings<T>,
): T => {
  const ways = new Map<string | symbol, Crossing>(Object.entries(crossings))
  return new Proxy(port, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name, target)
      if (typeof method !== 'function') return method
      const way = ways.get(name) ?? 'inside'
      const bound = method.bind(target) as (...values: unknown[]) => unknown
      return way === 'inside' ? bound : crossing(environment, way, bound)
    },
  })
}

const crossing = (
  environment: ExecutionEnvironment,
  { operation, lags: lagging, pages: paged, once }: Exclude<Crossing, 'inside'>,
  method: (...values: unknown[]) => unknown,
): ((...values: unknown[]) => unknown) => {
  if (paged === true)
    return (...values) => environment.pages(operation, method(...values) as AsyncIterable<unknown>)
  const earlier = new Map<string, unknown>()
  return async (...values) => {
    const question = lagging === true ? JSON.stringify(values) : ''
    const answer = await environment.call<unknown>(operation, async () => method(...values), {
      once: once === true,
      stale: earlier.has(question) ? () => structuredClone(earlier.get(question)) : undefined,
    })
    if (lagging === true) earlier.set(question, structuredClone(answer))
    return answer
  }
}
