import { readFileSync } from 'node:fs'
import * as z from 'zod/mini'
import { type AwsAccess, awsAccess } from '../aws-access.ts'
import type { Destination } from '../dlq/destination.ts'
import { type DropArchive, s3DropArchive } from '../dlq/drop.ts'
import { openDestinations } from '../dlq/open-destinations.ts'
import { runningStage } from '../local/running-stage.ts'
import { readStage } from '../stage.ts'

/** What `stockroom dlq` works on. */
export interface Parking {
  readonly destinations: readonly Destination[]
  readonly archive: DropArchive
  /** Where the functions' logs lie; undefined on AWS. */
  readonly logDirectory: string | undefined
}

/** `cdk deploy --outputs-file`: outputs by stack. */
const OutputsFile = z.record(z.string(), z.record(z.string(), z.string()))

/** The parked letters of the running local stage, or of the deployed stage whose outputs `outputsFile` holds. @throws Error that names what is missing. */
export const openParking = (outputsFile: string | undefined): Parking => {
  if (outputsFile === undefined) {
    const { outputs, region, credentials, endpoints, logDirectory } = runningStage()
    return parkingOf(awsAccess({ region, credentials, ...endpoints }), outputs, logDirectory)
  }
  const outputs = readOutputs(outputsFile)
  // A queue's URL says where the stage is: `https://sqs.eu-west-1.amazonaws.com/…`.
  const region =
    /^https:\/\/sqs\.([a-z0-9-]+)\./.exec(outputs.EventsQueueUrl ?? '')?.[1] ?? process.env.AWS_REGION
  if (region === undefined)
    throw new Error(`${outputsFile} does not say in which region the stage is: set AWS_REGION`)
  return parkingOf(awsAccess({ region }), outputs, undefined)
}

const parkingOf = (
  access: AwsAccess,
  outputs: Readonly<Record<string, string>>,
  logDirectory: string | undefined,
): Parking => {
  const stage = readStage(outputs)
  return {
    destinations: openDestinations(access, stage),
    archive: s3DropArchive(access.s3, stage.FailuresBucketName),
    logDirectory,
  }
}

/** The outputs of both stacks of one stage. */
const readOutputs = (file: string): Readonly<Record<string, string>> => {
  const parsed = z.safeParse(OutputsFile, JSON.parse(readFileSync(file, 'utf8')))
  if (!parsed.success) throw new Error(`${file} is no file of "cdk deploy --outputs-file"`)
  const stages = new Set(
    Object.keys(parsed.data).flatMap((stack) => /^Stockroom-(.+)-State(?:ful|less)$/.exec(stack)?.[1] ?? []),
  )
  if (stages.size !== 1)
    throw new Error(`${file} holds the outputs of ${stages.size} stages of Stockroom; give a file with one`)
  return Object.assign({}, ...Object.values(parsed.data))
}

/** The destination of that name, or all. @throws Error that lists the names. */
export const chosen = (
  destinations: readonly Destination[],
  name: string | undefined,
): readonly Destination[] => {
  if (name === undefined) return destinations
  const found = destinations.filter((destination) => destination.name === name)
  if (found.length > 0) return found
  throw new Error(
    `nothing is parked in "${name}": there are ${destinations.map((one) => one.name).join(', ')}`,
  )
}
