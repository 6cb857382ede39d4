import type { WebhookAnswer, WebhookClient, WebhookRequest } from './webhook-client.ts'

/** Answers as told and keeps what was sent; for tests and simulations. */
export class ScriptedWebhookClient implements WebhookClient {
  readonly requests: WebhookRequest[] = []
  answer: (request: WebhookRequest) => WebhookAnswer = () => ({ status: 204 })

  async post(request: WebhookRequest): Promise<WebhookAnswer> {
    this.requests.push(request)
    return this.answer(request)
  }
}
