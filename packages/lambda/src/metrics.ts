import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'

/** The function's metrics, written as EMF log lines when the invocation ends. Namespace and service come from POWERTOOLS_* variables. */
export const metrics = new Metrics()

/** Counts something that happened, named in the past tense: `OrderPlaced`. */
export const count = (name: string, times = 1): void => {
  metrics.addMetric(name, MetricUnit.Count, times)
}
