import { describe, expect, it } from 'vitest'
import { balancedBooks } from './balanced-books.ts'
import { movements } from './settle.ts'

const pending = balancedBooks.deliveries.map((delivery) => ({ ...delivery, state: 'pending' }))

describe('what is on its way', () => {
  it('is nothing in balanced books', () => {
    expect(movements(balancedBooks)).toEqual({})
  })

  it('is each webhook that an endpoint still waits for', () => {
    expect(movements({ ...balancedBooks, deliveries: pending })).toEqual({
      'webhooks pending': pending.length,
    })
  })

  it('is no webhook of an endpoint that was deleted', () => {
    expect(movements({ ...balancedBooks, deliveries: pending, endpoints: [] })).toEqual({})
  })
})
