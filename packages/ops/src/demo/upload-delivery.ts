import { setTimeout as pause } from 'node:timers/promises'
import type { ApiClient } from '../api-client.ts'
import { expectAnswer, RequestedUpload, UploadState } from './answers.ts'

/** A delivery file on its way to stock. */
export interface Delivery {
  readonly filename: string
  readonly csv: string
  readonly currency: string
}

export interface UploadOutcome {
  readonly id: string
  readonly status: string
  readonly rowsAccepted: number
  readonly rowsRejected: number
}

const pollMilliseconds = 100
const running = new Set(['awaiting_upload', 'planned', 'importing'])

/** Sends a file through the presigned form, as a browser would, and waits until its import has ended. */
export const uploadDelivery = async (
  api: ApiClient,
  { filename, csv, currency }: Delivery,
): Promise<UploadOutcome> => {
  const answer = await api({
    method: 'POST',
    path: '/uploads',
    body: { filename, currency },
    idempotencyKey: crypto.randomUUID(),
  })
  const { id, form } = expectAnswer(answer, 201, RequestedUpload)
  const body = new FormData()
  for (const [name, value] of Object.entries(form.fields)) body.append(name, value)
  // S3 ignores every field after the file.
  body.append('file', new Blob([csv], { type: 'text/csv' }), filename)
  const stored = await fetch(form.url, { method: 'POST', body })
  if (!stored.ok)
    throw new Error(
      `the upload form of ${filename} was refused with ${stored.status}: ${await stored.text()}`,
    )

  for (;;) {
    const state = expectAnswer(await api({ method: 'GET', path: `/uploads/${id}` }), 200, UploadState)
    if (!running.has(state.status)) {
      const { rowsAccepted = 0, rowsRejected = 0 } = state.progress ?? {}
      return { id, status: state.status, rowsAccepted, rowsRejected }
    }
    await pause(pollMilliseconds)
  }
}
