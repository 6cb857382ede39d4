import type { Rule } from '../rules.ts'

/** The last part of every canary, whatever carries it. */
const canary = /canary-[\w-]*/

/** Tokens, bodies and webhook secrets are in no log line, no dead letter and no problem. */
export const secretsStaySecret: Rule = {
  name: 'I13 no secret in logs, dead letters and errors',
  breaches: ({ history, logLines, parked }) => {
    const secrets = history.subscriptions.map(({ secret }) => secret.replace(/^whsec_/, ''))
    const leak = (text: string) =>
      /canary-token[\w-]*/.exec(text)?.[0] ?? secrets.find((secret) => text.includes(secret))
    const problems = history.exchanges.flatMap(({ attempts }) =>
      attempts.flatMap((answer) =>
        answer !== 'no answer' && answer.status >= 400 ? [JSON.stringify(answer.body)] : [],
      ),
    )
    return [
      ...logLines.flatMap((line) => {
        const found = leak(line) ?? canary.exec(line)?.[0]
        return found === undefined ? [] : [`${found} is in the log: ${line.slice(0, 200)}`]
      }),
      ...parked.flatMap(({ where, payload }) => {
        const found = leak(payload)
        return found === undefined ? [] : [`${found} is parked in ${where}`]
      }),
      ...problems.flatMap((text) => {
        const found = leak(text)
        return found === undefined ? [] : [`${found} is in a problem: ${text}`]
      }),
    ]
  },
}
