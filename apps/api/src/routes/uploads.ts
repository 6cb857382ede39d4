import { UploadId } from '@stockroom/domain/ids'
import type { makeGetUpload } from '@stockroom/domain/upload/get-upload'
import type { makeLinkRejects } from '@stockroom/domain/upload/link-rejects'
import { type makeRequestUpload, RequestUpload } from '@stockroom/domain/upload/request-upload'
import { uploadLimits } from '@stockroom/domain/upload/upload-limits'
import type { IdempotentEffect } from '@stockroom/lambda/idempotent-effect'
import * as z from 'zod/mini'
import { effectAnswer } from '../effect-answer.ts'
import { keyedRoute, type Route, route } from '../route.ts'
import { exampleUpload, UploadView, viewUpload } from './upload-view.ts'

export interface UploadDeps {
  readonly requestUpload: ReturnType<typeof makeRequestUpload>
  readonly getUpload: ReturnType<typeof makeGetUpload>
  readonly linkRejects: ReturnType<typeof makeLinkRejects>
  readonly once: IdempotentEffect
}

const params = z.object({ id: UploadId })

/** Kept for repeats of the request although it is signed: it allows one file at one key for five minutes. */
const IssuedForm = z.object({
  id: UploadId,
  form: z.object({ url: z.url(), fields: z.record(z.string(), z.string()) }),
  expiresAt: z.iso.datetime(),
})

/** Next stop: the use case in packages/domain/src/upload/request-upload.ts, and then, when the file is there, plan-upload.ts. */
const requestUpload = keyedRoute({
  method: 'POST',
  path: '/uploads',
  operationId: 'requestUpload',
  summary: 'Announce a delivery file',
  description: [
    'Answers with a form: POST its fields as `multipart/form-data`, then the file in a last field `file`, to its `url`.',
    'The file is a UTF-8 CSV with the columns `sku`, `name`, `quantity` and `unit_price` in any order; further columns are ignored.',
    `It has at most ${uploadLimits.fileBytes / 1024 ** 2} MiB and ${uploadLimits.rows / 1_000_000} million rows; with \`sizeBytes\` exactly as many bytes.`,
    'Prices are in `currency`. A file that is sent under two uploads counts twice.',
  ].join(' '),
  scope: 'uploads:write',
  input: { body: RequestUpload },
  answers: {
    201: {
      description: 'The form may be used until it expires.',
      schema: IssuedForm,
      headers: { Location: 'The path of the upload.' },
    },
  },
  problems: ['idempotency.in_progress'],
}).handle(async ({ input: { body }, caller: { merchant }, keyed, cause }, deps: UploadDeps) => {
  const issued = await deps.once(keyed, IssuedForm, async () => {
    const { upload, form } = await deps.requestUpload({ ...body, merchant }, cause)
    return {
      id: upload.id,
      form: { url: form.url, fields: { ...form.fields } },
      expiresAt: upload.expiresAt,
    }
  })
  const answer = effectAnswer(issued, 201)
  return 'refusal' in answer
    ? answer
    : { ...answer, headers: { ...answer.headers, location: `/uploads/${answer.body.id}` } }
})

const getUpload = route({
  method: 'GET',
  path: '/uploads/{id}',
  operationId: 'getUpload',
  summary: 'Read an upload',
  description: 'Tells how far it has got, and why it was refused if it was.',
  scope: 'uploads:read',
  input: { params },
  answers: { 200: { description: 'The upload.', schema: UploadView, example: exampleUpload } },
  problems: ['upload.not_found'],
}).handle(async ({ input: { params }, caller }, deps: UploadDeps) => {
  const found = await deps.getUpload(caller.merchant, params.id)
  return found.ok ? { status: 200, body: viewUpload(found.value) } : found
})

const getRejects = route({
  method: 'GET',
  path: '/uploads/{id}/rejects',
  operationId: 'getRejects',
  summary: 'Fetch the rejected rows of an upload',
  description: 'Only an upload that is `imported_with_rejects` has any.',
  scope: 'uploads:read',
  input: { params },
  answers: {
    200: {
      description:
        'Whoever has the link can read the file, a CSV of line, column, value and reason, until it expires.',
      schema: z.object({ url: z.url(), expiresAt: z.iso.datetime() }),
      example: {
        url: 'https://exports.example/rejects/corner-shop/upl_01KAR3ZJ5T8Q6W2V9X4Y7B1C3D.csv?X-Amz-Expires=300',
        expiresAt: '2026-11-23T09:05:00.000Z',
      },
    },
  },
  problems: ['upload.not_found', 'upload.no_rejects'],
}).handle(async ({ input: { params }, caller }, deps: UploadDeps) => {
  const found = await deps.linkRejects(caller.merchant, params.id)
  if (!found.ok) return found
  const { url, expiresAt } = found.value
  return { status: 200, body: { url, expiresAt: expiresAt.toISOString() } }
})

export const uploadRoutes = [requestUpload, getUpload, getRejects] satisfies readonly Route<UploadDeps>[]
