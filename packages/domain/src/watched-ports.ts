/** Comes around a call of a port: may do something first, leave it out, or keep its answer back. */
export type AroundCall = (call: () => Promise<unknown>, name: string) => Promise<unknown>

/** Ports for tests, every asynchronous call of which goes through `around`; what is no function, or gives an iterator, passes through. */
export const watchedPorts = <P extends object>(ports: P, around: AroundCall): P =>
  new Proxy(ports, {
    get: (target, name) => {
      const port: unknown = Reflect.get(target, name)
      return typeof port === 'object' && port !== null ? watched(port, around) : port
    },
  })

const watched = <T extends object>(port: T, around: AroundCall): T =>
  new Proxy(port, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name, target)
      if (typeof member !== 'function') return member
      const call = (...given: unknown[]): unknown => Reflect.apply(member, target, given)
      if (member.constructor.name !== 'AsyncFunction') return call
      return (...given: unknown[]) => around(async () => call(...given), String(name))
    },
  })

/** The process died. */
export class Killed extends Error {}

/** Dies at the `nth` call: `before` it has its effect, or `after`, when only the answer is lost. From then on every call is refused: the dead make no more. */
export const dyingAt = (nth: number, when: 'before' | 'after') => {
  let calls = 0
  const around: AroundCall = async (call) => {
    calls += 1
    if (calls > nth || (calls === nth && when === 'before')) throw new Killed()
    const result = await call()
    if (calls === nth) throw new Killed()
    return result
  }
  return { around, when, died: () => calls >= nth }
}

/** Waits for work that may be killed. */
export const survive = async (work: Promise<unknown>): Promise<void> => {
  try {
    await work
  } catch (error) {
    if (!(error instanceof Killed)) throw error
  }
}

/** Kills a run at every call in turn, before and after its effect, until one run makes fewer calls than that. Returns how many crashes there were. */
export const atEveryCall = async (
  run: (dying: ReturnType<typeof dyingAt>, name: string) => Promise<void>,
): Promise<number> => {
  let crashes = 0
  for (const when of ['before', 'after'] as const)
    for (let nth = 1; ; nth++) {
      const dying = dyingAt(nth, when)
      await run(dying, `${when} call ${nth}`)
      if (!dying.died()) break
      crashes += 1
    }
  return crashes
}
