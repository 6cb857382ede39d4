import { defineConfig } from 'vitest/config'

/**
 * The tests as Stryker runs them: without those that take seconds each, because they are about size or walk through many interleavings. They see what
 * others see too, and every mutant that they cover would wait for them; so the score is a lower bound. Stryker's own limit ends a mutant that loops.
 */
export default defineConfig({
  test: {
    testTimeout: 120_000,
    testNamePattern:
      /^(?!.*(ten thousand events|rows in a heap of|in any interleaving|at any step|at many steps|at once, each chunk twice))/,
  },
})
