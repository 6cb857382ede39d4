import { defineConfig } from 'vitest/config'

/** What infra gives to every function. */
export default defineConfig({
  test: { env: { POWERTOOLS_METRICS_NAMESPACE: 'Stockroom', POWERTOOLS_SERVICE_NAME: 'test' } },
})
