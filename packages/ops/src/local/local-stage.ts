import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { LocalCloud } from '@stockroom/local-cloud/local-cloud'
import { startLocalCloud } from '@stockroom/local-cloud/start-local-cloud'
import { makeApiClient } from '../api-client.ts'
import { type AwsAccess, awsAccess } from '../aws-access.ts'
import type { DemoTarget } from '../demo/demo-target.ts'
import { readStage, type Stage } from '../stage.ts'
import { type Receiver, startReceiver } from '../webhook/receiver.ts'
import { type Desk, startDesk } from './desk.ts'
import { announce, isAlive } from './running-stage.ts'
import { allScopes } from './scopes.ts'

const root = join(import.meta.dirname, '../../../..')
const stateDirectory = join(root, '.stockroom')
const audience = 'stockroom'

export interface LocalStageOptions {
  /** The synthesised template; infra's own by default. */
  readonly assembly?: string
  /** Of the API; a free one by default. */
  readonly port?: number
  readonly deskPort?: number
  /** Requests of one merchant; as many as the stage lets through by default, so that a replay is held back by nothing else. */
  readonly rateLimit?: { readonly perSecond: number; readonly burst: number }
  /** Which first attempts of webhooks the receiver turns away with 500, so that retries are seen. */
  readonly turnAway?: (eventId: string, times: number) => boolean
  /** `paused`: jobs run only when they are told to. */
  readonly schedules?: 'running' | 'paused'
  /** Milliseconds before the two retries of a scheduled run that failed, instead of AWS's minute and two. */
  readonly asynchronousRetryDelaysMs?: readonly [number, number]
}

/** The whole of Stockroom on this machine, with what its operators and its demo need. */
export interface LocalStage {
  readonly cloud: LocalCloud
  readonly stage: Stage
  readonly access: AwsAccess
  readonly receiver: Receiver
  readonly desk: Desk
  readonly target: DemoTarget
  readonly logDirectory: string
  /** Rejects when a function asks for something that its role does not allow, naming function, action and resource; pending until then. */
  readonly denied: Promise<never>
  close(): Promise<void>
}

/** Starts infra's synthesised template in a directory of its own, which goes when the stage is closed; its logs stay in `.stockroom/logs`. */
export const startLocalStage = async (options: LocalStageOptions = {}): Promise<LocalStage> => {
  mkdirSync(stateDirectory, { recursive: true })
  removeAbandonedRuns()
  const dataDirectory = mkdtempSync(join(stateDirectory, `run-${process.pid}-`))
  const logDirectory = join(dataDirectory, 'logs')
  const closing: (() => unknown)[] = [() => removeExceptLogs(dataDirectory, logDirectory)]
  const close = async () => {
    for (const step of closing.splice(0).reverse()) await step()
  }
  try {
    const receiver = await startReceiver(options.turnAway === undefined ? {} : { turnAway: options.turnAway })
    closing.push(receiver.close)
    const cloud = await startLocalCloud({
      assembly: options.assembly ?? join(root, 'infra/cdk.out'),
      dataDirectory,
      parameters: ({ issuer }) => ({
        JwtIssuer: issuer,
        JwtAudience: audience,
        // The demo's receiver lives here; no stage on AWS may reach a private network.
        WebhookAllowedNetworks: '127.0.0.0/8',
        MerchantRequestsPerSecond: String(options.rateLimit?.perSecond ?? 500),
        MerchantRequestBurst: String(options.rateLimit?.burst ?? 1_000),
      }),
      ...(options.port === undefined ? {} : { ports: { httpApi: options.port } }),
      ...(options.schedules === undefined ? {} : { schedules: options.schedules }),
      ...(options.asynchronousRetryDelaysMs === undefined
        ? {}
        : { asynchronousRetryDelaysMs: options.asynchronousRetryDelaysMs }),
    })
    closing.push(cloud.close)
    const stage = readStage({ ...Object.assign({}, ...Object.values(cloud.outputs)) })
    const { dynamodb, sqs, s3, lambda } = cloud.endpoints
    const aws = { region: cloud.region, credentials: cloud.operator, dynamodb, sqs, s3, lambda }

    const issueToken = (merchant: string, scopes: readonly string[] = allScopes) =>
      cloud.issueToken({
        claims: {
          sub: `${merchant}-shop`,
          client_id: `${merchant}-shop`,
          merchant_id: merchant,
          token_use: 'access',
        },
        scopes,
        audience,
      })
    const runSchedule = async (name: string, scheduledAt: Date) => {
      const attempts = await cloud.schedules.trigger(name, scheduledAt.getTime())
      const last = attempts.at(-1)
      if (last?.outcome === 'failed')
        throw new Error(`${name} failed: ${last.errorType}: ${last.errorMessage}`)
      if (last?.outcome !== 'succeeded')
        throw new Error(`${name} did not run: ${last?.outcome ?? 'nothing was invoked'}`)
      return attempts
    }
    const desk = await startDesk(
      {
        apiUrl: stage.ApiUrl,
        issueToken,
        inboxes: () => Object.fromEntries(receiver.inboxes()),
        schedules: () => cloud.resources.schedules.map(({ logicalId }) => logicalId),
        runSchedule,
      },
      options.deskPort,
    )
    closing.push(desk.close)
    closing.push(
      announce({
        pid: process.pid,
        outputs: Object.assign({}, ...Object.values(cloud.outputs)),
        region: cloud.region,
        credentials: cloud.operator,
        endpoints: { dynamodb, sqs, s3, lambda },
        desk: desk.url,
        logDirectory,
      }),
    )
    return {
      cloud,
      stage,
      access: awsAccess(aws),
      receiver,
      desk,
      logDirectory,
      target: {
        api: (merchant) => makeApiClient(stage.ApiUrl, () => issueToken(merchant)),
        runJob: async (job, scheduledAt) => void (await runSchedule(scheduleOf[job], scheduledAt)),
        receiver,
      },
      denied: firstDenial(cloud),
      close,
    }
  } catch (error) {
    await close()
    throw portInUse(error, options) ?? error
  }
}

/** The system's own message names no flag. */
const portInUse = (error: unknown, { port, deskPort }: LocalStageOptions): Error | undefined => {
  const codes = [error, error instanceof Error ? error.cause : undefined].map((one) =>
    one instanceof Error && 'code' in one ? one.code : undefined,
  )
  if (!codes.includes('EADDRINUSE')) return undefined
  const wanted = [
    port === undefined ? [] : [`--port ${port}`],
    deskPort === undefined ? [] : [`--desk-port ${deskPort}`],
  ].flat()
  return new Error(
    `${wanted.join(' or ') || 'a port'} is in use: stop what listens there, choose another, or leave it out for a free one`,
  )
}

/** Logical ids of the template's schedules begin like this. */
const scheduleOf = {
  'expire-orders': 'SchedulesExpireOrders',
  'sweep-outbox': 'SchedulesSweepOutbox',
  'report-sales': 'SchedulesReportSales',
} as const satisfies Record<Parameters<DemoTarget['runJob']>[0], string>

const firstDenial = (cloud: LocalCloud): Promise<never> => {
  const denied = new Promise<never>((_, reject) => {
    cloud.calls.subscribe(({ principal, actions }) => {
      const action = actions.find(({ decision }) => !decision.allowed)
      if (action !== undefined)
        reject(
          new Error(
            `AccessDenied: the role of ${principal} does not allow ${action.action} on ${action.resource}`,
          ),
        )
    })
  })
  // Whoever does not wait for it must not be ended by it.
  denied.catch(() => undefined)
  return denied
}

/** A run that was killed could not clear up behind itself. */
const removeAbandonedRuns = (): void => {
  for (const name of readdirSync(stateDirectory)) {
    const pid = /^run-(\d+)-/.exec(name)?.[1]
    if (pid !== undefined && !isAlive(Number(pid)))
      rmSync(join(stateDirectory, name), { recursive: true, force: true })
  }
}

const removeExceptLogs = (dataDirectory: string, logDirectory: string): void => {
  const kept = join(stateDirectory, 'logs')
  if (existsSync(logDirectory)) {
    rmSync(kept, { recursive: true, force: true })
    renameSync(logDirectory, kept)
  }
  rmSync(dataDirectory, { recursive: true, force: true })
}
