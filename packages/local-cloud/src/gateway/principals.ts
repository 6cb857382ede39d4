import { createHash, randomBytes } from 'node:crypto'
import type { Environment } from '../arn.ts'
import type { Policy } from '../iam/policy.ts'
import type { Credentials } from '../lambda/environment-variables.ts'

/** Who signs calls: the operator, who may do everything, or a function under its role. */
export type Principal =
  | { readonly kind: 'operator'; readonly name: 'operator'; readonly arn: string; readonly secret: string }
  | {
      readonly kind: 'role'
      /** The function's name, which is also the session's. */
      readonly name: string
      /** `arn:aws:sts::000000000000:assumed-role/<role>/<function>`, as AWS's messages name it. */
      readonly arn: string
      readonly roleArn: string
      readonly policies: readonly Policy[]
      readonly secret: string
    }

export interface RolePrincipal {
  /** The function's name. */
  readonly name: string
  readonly roleArn: string
  /** The role's inline and managed policies. */
  readonly policies: readonly Policy[]
}

/** Everybody who holds an access key. */
export interface Principals {
  /** Gives a role its key. Returns credentials for one session; its token is `sessionToken`, which calls must carry. */
  add(role: RolePrincipal): (sessionToken: string) => Credentials
  byAccessKey(accessKeyId: string): Principal | undefined
}

/** The operator's credentials: for the command line, the console and audits. Not a secret: only loopback listens. */
export const operatorCredentials = { accessKeyId: 'LOCALOPERATOR', secretAccessKey: 'local' } as const

/** The key ring of one run, with the operator in it. */
export const makePrincipals = ({ partition, account }: Environment): Principals => {
  const byKey = new Map<string, Principal>([
    [
      operatorCredentials.accessKeyId,
      {
        kind: 'operator',
        name: 'operator',
        arn: `arn:${partition}:iam::${account}:user/operator`,
        secret: operatorCredentials.secretAccessKey,
      },
    ],
  ])
  return {
    add: (role) => {
      const hash = createHash('sha256').update(role.name).digest('hex')
      const accessKeyId = `LOCAL${hash.slice(0, 15).toUpperCase()}`
      const secretAccessKey = randomBytes(30).toString('base64url')
      const roleName = role.roleArn.split('/').at(-1) ?? ''
      byKey.set(accessKeyId, {
        kind: 'role',
        ...role,
        arn: `arn:${partition}:sts::${account}:assumed-role/${roleName}/${role.name}`,
        secret: secretAccessKey,
      })
      return (sessionToken) => ({ accessKeyId, secretAccessKey, sessionToken })
    },
    byAccessKey: (accessKeyId) => byKey.get(accessKeyId),
  }
}
