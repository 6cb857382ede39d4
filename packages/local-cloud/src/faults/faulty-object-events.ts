import type { Clock } from '../clock.ts'
import type { ObjectEventListener } from '../events/object-event.ts'
import type { FaultPlan } from './fault-plan.ts'

export interface FaultyObjectEventsOptions {
  readonly accept: ObjectEventListener
  /** Sends `s3:TestEvent` once more. MUST NOT throw. */
  readonly sendTestEvent: () => void
  readonly plan: FaultPlan
  readonly clock: Clock
  /** The bucket's name. */
  readonly source: string
}

/**
 * A bucket's changes as S3 may tell them: `duplicate` tells one twice, `late` after younger ones, `test_event` puts the message in
 * between that S3 sends when the configuration is saved (S3 guide, notification-how-to-event-types-and-destinations).
 */
export const faultyObjectEvents = (options: FaultyObjectEventsOptions): ObjectEventListener => {
  const { accept, sendTestEvent, plan, clock, source } = options
  let changes = 0
  return (event) => {
    changes += 1
    const fault = plan.deliveryFaultFor({ via: 'bucket', source, nth: changes })
    if (fault?.kind === 'test_event') sendTestEvent()
    if (fault?.kind === 'late' || fault?.kind === 'duplicate') clock.schedule(fault.ms, () => accept(event))
    if (fault?.kind !== 'late') accept(event)
  }
}
