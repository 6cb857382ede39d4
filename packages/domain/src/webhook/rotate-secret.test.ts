import { describe, expect, test } from 'vitest'
import { aKeyedRequest } from '../idempotency/a-keyed-request.ts'
import { MerchantId } from '../merchant-id.ts'
import { aWebhookDesk } from './a-webhook-desk.ts'
import { disabled, signingSecrets } from './webhook-endpoint.ts'

const anEndpoint = async () => {
  const desk = aWebhookDesk()
  const { id: endpointId, secret: first } = await desk.registered()
  const route = 'POST /webhook-endpoints/{id}/secret-rotation'
  const rotation = (key: string, overlapSeconds?: number) => ({
    merchant: desk.shop,
    endpointId,
    request: aKeyedRequest(desk.shop, key, { route }),
    ...(overlapSeconds !== undefined && { overlapSeconds }),
  })
  const rotate = async (key: string, overlapSeconds?: number) => {
    const { outcome } = await desk.rotate(rotation(key, overlapSeconds))
    if (!outcome.ok) throw new Error(outcome.refusal.detail)
    return outcome.value
  }
  const stored = async () => {
    const endpoint = await desk.endpoints.find(desk.shop, endpointId)
    if (endpoint === undefined) throw new Error('no endpoint')
    return endpoint
  }
  const open = (sealed: readonly string[]) =>
    Promise.all(sealed.map((each) => desk.ports.secrets.open(each, { merchant: desk.shop, endpointId })))
  const signing = async () => open(signingSecrets(await stored(), desk.clock.now()))
  return { desk, endpointId, first, rotation, rotate, stored, open, signing }
}

describe('a rotation', () => {
  test('shows a new secret; the old one signs beside it for a day, and then no more', async () => {
    const { desk, endpointId, first, rotate, stored, signing } = await anEndpoint()
    const { secret, ...rest } = await rotate('k')
    expect(rest).toEqual({ id: endpointId, olderSecretsEndAt: '2026-11-24T09:00:00.000Z' })
    expect(secret).toMatch(/^whsec_/)
    expect(await signing()).toEqual([secret, first])
    expect(JSON.stringify((await stored()).sealedSecrets)).not.toContain(`"${secret}"`)

    desk.clock.advance(86_399)
    expect(await signing()).toEqual([secret, first])
    desk.clock.advance(1)
    expect(await signing()).toEqual([secret])
  })

  test('without overlap forgets the old secret, sealed or not', async () => {
    const { rotate, stored, open, signing } = await anEndpoint()
    const { secret } = await rotate('leaked', 0)
    expect(await signing()).toEqual([secret])
    expect(await open((await stored()).sealedSecrets)).toEqual([secret])
  })

  test('during another lets all three sign; a fourth secret ends the first', async () => {
    const { first, rotate, signing } = await anEndpoint()
    const [second, third] = [await rotate('2'), await rotate('3')]
    expect(await signing()).toEqual([third.secret, second.secret, first])
    const fourth = await rotate('4')
    expect(await signing()).toEqual([fourth.secret, third.secret, second.secret])
  })

  test('after another has ended revives nothing', async () => {
    const { desk, rotate, signing } = await anEndpoint()
    const second = await rotate('2')
    desk.clock.advance(86_400)
    const third = await rotate('3')
    expect(await signing()).toEqual([third.secret, second.secret])
  })

  test('repeated, also many times at once, is one, with the same secret', async () => {
    const { desk, rotation, stored } = await anEndpoint()
    const many = await Promise.all(Array.from({ length: 10 }, () => desk.rotate(rotation('k'))))
    const repeat = await desk.rotate(rotation('k'))
    expect(new Set(many.map(({ outcome }) => JSON.stringify(outcome)))).toEqual(
      new Set([JSON.stringify(repeat.outcome)]),
    )
    expect(repeat.replayed).toBe(true)
    expect((await stored()).sealedSecrets).toHaveLength(2)
  })

  test('and a change of state at the same moment both happen', async () => {
    const { desk, endpointId, rotation, stored } = await anEndpoint()
    const gone = () => disabled('gone', desk.clock.now())
    await Promise.all([desk.rotate(rotation('k')), desk.endpoints.change(desk.shop, endpointId, gone)])
    expect(await stored()).toMatchObject({ state: { status: 'disabled' }, revision: 3 })
    expect((await stored()).sealedSecrets).toHaveLength(2)
  })

  test('of an endpoint that changes all the while is told to come back', async () => {
    const { desk, rotation } = await anEndpoint()
    desk.endpoints.replaceSecrets = async () => 'superseded'
    await expect(desk.rotate(rotation('k'))).rejects.toMatchObject({ code: 'busy' })
  })

  test('of an endpoint that is not there, or of another merchant, is refused', async () => {
    const { desk, endpointId, rotation } = await anEndpoint()
    const merchant = MerchantId.parse('other-shop')
    const foreign = { merchant, endpointId, request: aKeyedRequest(merchant, 'k') }
    const refusal = { refusal: { code: 'webhook_endpoint.not_found' } }
    expect((await desk.rotate(foreign)).outcome).toMatchObject(refusal)
    await desk.endpoints.remove(desk.shop, endpointId)
    expect((await desk.rotate(rotation('k'))).outcome).toMatchObject(refusal)
  })
})
