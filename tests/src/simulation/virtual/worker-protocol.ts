import type { CallFaultKind } from '@stockroom/local-cloud/faults/call-fault'
import type { DeliveryFaultKind } from '@stockroom/local-cloud/faults/delivery-fault'
import type { Verdict } from '../simulate.ts'
import type { ExactRun, Shrunk } from './shrink.ts'

/** One seed to run. */
export interface SeedTask {
  readonly seed: number
  readonly commands: number
  /** Share of calls and deliveries that meet a fault, from 0 to 1. */
  readonly rate: number
  readonly kinds?: readonly (CallFaultKind | DeliveryFaultKind)[] | undefined
  /** Of the processor's time, to look for a shorter run that breaks the same rule; 0 for not at all. */
  readonly shrinkSeconds: number
  /** The whole history comes back, too. */
  readonly keepLines: boolean
}

/** A run to repeat as it was. */
export interface KeptTask {
  readonly kept: ExactRun
}

export type WorkerTask = SeedTask | KeptTask

export interface WorkerAnswer extends Pick<Verdict, 'violations' | 'counts'> {
  readonly seed: number
  /** SHA-256 of the history. */
  readonly digest: string
  readonly lines?: readonly string[]
  readonly shrunk?: Shrunk
}
