import { cpSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

interface Statement {
  Action: string | string[]
}
interface Policy {
  readonly Type: string
  readonly Properties: { readonly PolicyDocument: { Statement: Statement[] } }
}

const assembly = join(import.meta.dirname, '../../infra/cdk.out')

/** A copy of the synthesised assembly in which the role of one function no longer holds `action`. @throws Error when it did not hold it. */
export const assemblyWithout = (functionId: string, action: string): string => {
  const copy = mkdtempSync(join(tmpdir(), 'assembly-'))
  cpSync(assembly, copy, { recursive: true })
  let removed = 0
  for (const name of readdirSync(copy).filter((file) => file.endsWith('.template.json'))) {
    const file = join(copy, name)
    const template = JSON.parse(readFileSync(file, 'utf8')) as { Resources: Record<string, Policy> }
    for (const [id, { Type, Properties }] of Object.entries(template.Resources)) {
      if (Type !== 'AWS::IAM::Policy' || !id.includes(functionId)) continue
      const { PolicyDocument } = Properties
      PolicyDocument.Statement = PolicyDocument.Statement.flatMap((statement) => {
        const actions = [statement.Action].flat()
        removed += actions.filter((held) => held === action).length
        const left = actions.filter((held) => held !== action)
        return left.length === 0 ? [] : [{ ...statement, Action: left }]
      })
    }
    writeFileSync(file, JSON.stringify(template))
  }
  if (removed === 0) throw new Error(`the role of ${functionId} does not hold ${action}`)
  return copy
}
