import { runningStage } from '../local/running-stage.ts'

/** Asks the running local stage's desk. @throws Error with the desk's reason when it refuses. */
export const askDesk = async (path: string, body?: unknown): Promise<unknown> => {
  const answer = await fetch(`${runningStage().desk}${path}`, {
    ...(body === undefined
      ? {}
      : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  })
  const said: unknown = await answer.json()
  if (answer.ok) return said
  throw new Error(
    typeof said === 'object' && said !== null && 'error' in said
      ? String(said.error)
      : `the desk answered ${answer.status}`,
  )
}
