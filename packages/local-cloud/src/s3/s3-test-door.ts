import type { CallOutcome, Departure, Door, IncomingCall, RequestedAction } from '../gateway/authorize.ts'
import type { Bucket } from './bucket.ts'

export const credentials = { accessKeyId: 'LOCALTEST', secretAccessKey: 'secret of LOCALTEST' }

/** A door that knows one key, refuses what `denies` names and remembers every call. */
export interface TestDoor extends Door {
  readonly calls: { readonly call: IncomingCall; readonly outcome: CallOutcome | undefined }[]
  denies: (action: RequestedAction) => boolean
  departure: Departure
}

export const testDoor = (): TestDoor => {
  const door: TestDoor = {
    calls: [],
    denies: () => false,
    departure: { kind: 'answer' },
    secretOf: (accessKeyId) =>
      accessKeyId === credentials.accessKeyId ? credentials.secretAccessKey : undefined,
    enter: async (call) => {
      const refused = call.actions.find((action) => door.denies(action))
      if (refused) {
        door.calls.push({ call, outcome: undefined })
        const message = `${call.accessKeyId} is not authorized to perform: ${refused.action} on resource: ${refused.resource}`
        return { verdict: 'refused', fault: { status: 403, code: 'AccessDenied', message } }
      }
      return {
        verdict: 'admitted',
        permits: (action) => !door.denies(action),
        leave: async (outcome) => {
          door.calls.push({ call, outcome })
          return door.departure
        },
      }
    },
  }
  return door
}

export const bucketNamed = (name: string, other: Partial<Bucket> = {}): Bucket => ({
  name,
  versioning: false,
  cors: [],
  ...other,
})
