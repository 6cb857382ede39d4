import { freePort } from '../engines/free-port.ts'
import type { Assembly } from '../template/load-assembly.ts'

/**
 * A port for each HTTP API before there is any: the template may hold the address of an API, and the API what the template
 * says. The first API that is asked for gets `first`; 0 and undefined mean a free one.
 */
export const promisePorts = async (
  { stacks }: Assembly,
  first: number | undefined,
): Promise<(apiId: string) => number> => {
  const apis = stacks
    .flatMap(({ template }) => Object.values(template.Resources))
    .filter(({ Type }) => Type === 'AWS::ApiGatewayV2::Api')
  const ports = await Promise.all(apis.map((_, index) => (index === 0 && first) || freePort()))
  const promised = new Map<string, number>()
  return (apiId) => {
    const port = promised.get(apiId) ?? ports[promised.size]
    if (port === undefined) throw new Error(`There is no HTTP API ${apiId}`)
    promised.set(apiId, port)
    return port
  }
}
