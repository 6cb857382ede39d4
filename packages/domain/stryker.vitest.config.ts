import { defineConfig } from 'vitest/config'

/**
 * The tests as Stryker runs them: without those that are about size, which take seconds each and find nothing that others do not. Stryker's own limit
 * ends a mutant that loops.
 */
export default defineConfig({
  test: {
    testTimeout: 120_000,
    testNamePattern: /^(?!.*(ten thousand events|rows in a heap of))/,
  },
})
