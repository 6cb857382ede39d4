import { MerchantId } from '@stockroom/domain/merchant-id'
import { Problem } from './problem.ts'
import type { Scope } from './scope.ts'

/** The claims that API Gateway's JWT authorizer verified: `requestContext.authorizer.jwt.claims`. */
export type Claims = Readonly<Record<string, unknown>>

/** Who asks. Comes from verified claims and nothing else, so no request can name another merchant. */
export interface Caller {
  readonly merchant: MerchantId
  /** The client of the token. */
  readonly principal: string
}

/**
 * The caller of a request that needs `scope`. API Gateway has checked both already; a route that lost its authorizer fails closed here.
 * @throws Problem 401 without claims that name merchant and client, or of a token that says it is no access token (Cognito's `token_use`); 403 without the scope.
 */
export const callerOf = (claims: Claims | undefined, scope: Scope): Caller => {
  const merchant = MerchantId.safeParse(claims?.merchant_id)
  const principal = claims?.client_id ?? claims?.sub
  const forAccess = claims?.token_use === undefined || claims.token_use === 'access'
  if (!merchant.success || !forAccess || typeof principal !== 'string' || principal === '')
    throw new Problem(
      'caller.unauthenticated',
      'Send an access token of a client that belongs to a merchant.',
      {
        headers: { 'www-authenticate': 'Bearer' },
      },
    )
  const granted = typeof claims?.scope === 'string' ? claims.scope.split(' ') : []
  if (!granted.includes(scope))
    throw new Problem('caller.scope_missing', `This operation needs the scope ${scope}.`, {
      headers: { 'www-authenticate': `Bearer error="insufficient_scope", scope="${scope}"` },
    })
  return { merchant: merchant.data, principal }
}
