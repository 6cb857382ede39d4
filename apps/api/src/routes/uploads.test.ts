import { UploadId } from '@stockroom/domain/ids'
import { makeGetUpload } from '@stockroom/domain/upload/get-upload'
import { makeLinkRejects } from '@stockroom/domain/upload/link-rejects'
import { uploadShop } from '@stockroom/domain/upload/upload-shop'
import type { IdempotentEffect } from '@stockroom/lambda/idempotent-effect'
import { describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { makeApp } from '../app.ts'
import { scopes } from '../scope.ts'
import { unlimited } from '../unlimited.ts'
import { exampleUpload, UploadView } from './upload-view.ts'
import { uploadRoutes } from './uploads.ts'

/** Remembers results as Powertools does, without its clock. */
const onceInMemory = (): IdempotentEffect => {
  const kept = new Map<string, { readonly fingerprint: string; readonly result: string }>()
  return async ({ merchant, principal, route, key, fingerprint }, schema, effect) => {
    const name = JSON.stringify([merchant, principal, route, key])
    const earlier = kept.get(name)
    if (earlier !== undefined && earlier.fingerprint !== fingerprint) return { outcome: 'key_reused' }
    const result = earlier?.result ?? JSON.stringify(await effect())
    kept.set(name, { fingerprint, result })
    return { outcome: earlier ? 'replayed' : 'performed', result: z.parse(schema, JSON.parse(result)) }
  }
}

const arrange = (once = onceInMemory()) => {
  const shop = uploadShop()
  const app = makeApp(
    uploadRoutes,
    {
      requestUpload: shop.requestUpload,
      getUpload: makeGetUpload(shop),
      linkRejects: makeLinkRejects({ ...shop, rejectLinks: shop.rejectFiles }),
      once,
    },
    {
      limiter: unlimited,
      onFailure: (error) => {
        throw error
      },
    },
  )
  const call = async (
    method: string,
    path: string,
    { body, key = 'k', merchant = 'acme' }: { body?: unknown; key?: string; merchant?: string } = {},
  ) => {
    const response = await app.request(
      path,
      {
        method,
        headers: { 'content-type': 'application/json', 'idempotency-key': key },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      },
      {
        routeKey: `${method} …`,
        claims: { merchant_id: merchant, client_id: 'till-1', scope: Object.keys(scopes).join(' ') },
        cause: { correlationId: 'c-1' },
      },
    )
    return { status: response.status, headers: response.headers, body: JSON.parse(await response.text()) }
  }
  const requested = async (file?: string) => {
    const { body } = await call('POST', '/uploads', { body: { filename: 'a.csv', currency: 'EUR' } })
    const address = { merchant: shop.merchant, uploadId: UploadId.parse(body.id) }
    if (file === undefined) return address
    shop.files.put(address, Buffer.from(file))
    await shop.planUpload(address)
    for (const message of shop.queue.messages) await shop.importChunk(message.address, message.cause)
    return address
  }
  return { shop, call, requested }
}

const body = { filename: 'delivery.csv', currency: 'EUR', sizeBytes: 99 }
const header = 'sku,name,quantity,unit_price\n'

describe('uploads', () => {
  test('an upload is announced with a form, and read', async () => {
    const { call } = arrange()
    const issued = await call('POST', '/uploads', { body })
    expect(issued.status).toBe(201)
    expect(issued.headers.get('location')).toBe(`/uploads/${issued.body.id}`)
    expect(issued.body).toMatchObject({
      form: { fields: { key: `uploads/acme/${issued.body.id}.csv`, 'content-length-range': '99,99' } },
      expiresAt: '2026-11-23T09:05:00.000Z',
    })
    const read = await call('GET', `/uploads/${issued.body.id}`)
    expect([read.status, read.body]).toEqual([
      200,
      {
        id: issued.body.id,
        status: 'awaiting_upload',
        version: 0,
        filename: 'delivery.csv',
        currency: 'EUR',
        requestedAt: '2026-11-23T09:00:00.000Z',
        expiresAt: '2026-11-23T09:05:00.000Z',
      },
    ])
  })

  test('a repeat gets the same form, another body under its key none', async () => {
    const { call } = arrange()
    const first = await call('POST', '/uploads', { body })
    const again = await call('POST', '/uploads', { body })
    expect(again.body).toEqual(first.body)
    expect([first, again].map(({ headers }) => headers.get('idempotency-replayed'))).toEqual([null, 'true'])
    const other = await call('POST', '/uploads', { body: { ...body, currency: 'GBP' } })
    expect([other.status, other.body.code]).toEqual([422, 'idempotency.key_reused'])
    const elsewhere = await call('POST', '/uploads', { body, merchant: 'other' })
    expect(elsewhere.body.id).not.toBe(first.body.id)
  })

  test('a request that is still running is told so', async () => {
    const { call } = arrange(async () => ({ outcome: 'in_progress' }))
    const { status, body: problem } = await call('POST', '/uploads', { body })
    expect([status, problem.code]).toEqual([409, 'idempotency.in_progress'])
  })

  test.each([
    [{ ...body, currency: 'XYZ' }, '#/currency'],
    [{ ...body, filename: '../x' }, '#/filename'],
    [{ ...body, sizeBytes: 2 ** 40 }, '#/sizeBytes'],
    [{ ...body, merchant: 'other' }, '#/merchant'],
  ])('refuses %j', async (request, pointer) => {
    const { status, body: problem } = await arrange().call('POST', '/uploads', { body: request })
    expect([status, problem.errors[0].pointer]).toEqual([422, pointer])
  })

  test('shows progress and links the rejects of an upload that ended with some', async () => {
    const { call, requested } = arrange()
    const { uploadId } = await requested(`${header}tea,Tea,1,1\ntea,Tea,none,1\n`)
    expect((await call('GET', `/uploads/${uploadId}`)).body).toMatchObject({
      status: 'imported_with_rejects',
      version: 2,
      progress: { sizeBytes: 56, chunks: 1, chunksClosed: 1, rows: 2, rowsAccepted: 1, rowsRejected: 1 },
    })
    const rejects = await call('GET', `/uploads/${uploadId}/rejects`)
    expect(rejects.body).toEqual({
      url: `https://rejects.invalid/acme/${uploadId}.csv?seconds=300`,
      expiresAt: '2026-11-23T09:05:00.000Z',
    })
  })

  test('tells why a file was refused', async () => {
    const { call, requested } = arrange()
    const { uploadId } = await requested('sku,name,quantity\n')
    const { body: upload } = await call('GET', `/uploads/${uploadId}`)
    expect(upload).toMatchObject({
      status: 'refused',
      problem: { code: 'header.column_missing', reason: expect.stringContaining('unit_price') },
    })
    expect(upload).not.toHaveProperty('progress')
    const rejects = await call('GET', `/uploads/${uploadId}/rejects`)
    expect([rejects.status, rejects.body.code]).toEqual([404, 'upload.no_rejects'])
  })

  test("another merchant's upload is not there", async () => {
    const { call, requested } = arrange()
    const { uploadId } = await requested()
    for (const path of [`/uploads/${uploadId}`, `/uploads/${uploadId}/rejects`]) {
      const { status, body: problem } = await call('GET', path, { merchant: 'other' })
      expect([status, problem.code]).toEqual([404, 'upload.not_found'])
    }
  })

  test('the example is an upload', () => {
    expect(UploadView.parse(exampleUpload)).toEqual(exampleUpload)
  })
})
