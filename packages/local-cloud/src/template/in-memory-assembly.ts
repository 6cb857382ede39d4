import type { Assembly, Template } from './load-assembly.ts'

/** An assembly for tests: stacks in deployment order, each with the sections that the test needs. */
export const inMemoryAssembly = (
  stacks: Readonly<Record<string, Partial<Template>>>,
  assets: Readonly<Record<string, string>> = {},
): Assembly => ({
  directory: '/assembly',
  stacks: Object.entries(stacks).map(([name, template]) => ({
    name,
    template: { Parameters: {}, Conditions: {}, Mappings: {}, Resources: {}, Outputs: {}, ...template },
    assets: new Map(Object.entries(assets)),
  })),
})
