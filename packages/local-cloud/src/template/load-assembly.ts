import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isObject } from './property-reader.ts'
import { TemplateError } from './template-error.ts'

/** A resource as the template holds it, intrinsic functions included. */
export interface TemplateResource {
  readonly Type: string
  readonly Properties?: Readonly<Record<string, unknown>>
  readonly DependsOn?: string | readonly string[]
  readonly Condition?: string
}

export interface TemplateParameter {
  readonly Type: string
  readonly Default?: unknown
  readonly AllowedValues?: readonly unknown[]
  readonly AllowedPattern?: string
  readonly Description?: string
}

export interface TemplateOutput {
  readonly Value: unknown
  readonly Condition?: string
  readonly Export?: { readonly Name: unknown }
}

export interface Template {
  readonly Parameters: Readonly<Record<string, TemplateParameter>>
  readonly Conditions: Readonly<Record<string, unknown>>
  readonly Mappings: Readonly<Record<string, unknown>>
  readonly Resources: Readonly<Record<string, TemplateResource>>
  readonly Outputs: Readonly<Record<string, TemplateOutput>>
}

export interface Stack {
  readonly name: string
  readonly template: Template
  /** Directories of the file assets by their object key: `<hash>.zip`. */
  readonly assets: ReadonlyMap<string, string>
}

/** What `cdk synth` wrote: the stacks in the order in which they can be deployed. */
export interface Assembly {
  readonly directory: string
  readonly stacks: readonly Stack[]
}

interface Artifact {
  readonly type: string
  readonly dependencies?: readonly string[]
  readonly properties?: Readonly<Record<string, unknown>>
}

/** Sections that change nothing once a template is valid. */
const knownSections = [
  'AWSTemplateFormatVersion',
  'Description',
  'Metadata',
  'Rules', // CDK's check of the bootstrap version
  'Parameters',
  'Conditions',
  'Mappings',
  'Resources',
  'Outputs',
]

/** Artifacts of an assembly that deploy nothing. */
const ignoredArtifacts = ['cdk:tree', 'cdk:feature-flag-report', 'cdk:asset-manifest']

/**
 * Reads a cloud assembly (`cdk.out`). Throws {@link TemplateError} when the directory holds none, or something in it that
 * the local cloud does not know: nested assemblies, container images.
 */
export const loadAssembly = (directory: string): Assembly => {
  const manifest = readJson(directory, 'manifest.json')
  const artifacts = new Map(Object.entries((manifest.artifacts ?? {}) as Record<string, Artifact>))

  const stacks = new Map<string, Stack>()
  const visit = (id: string, path: readonly string[]): void => {
    const artifact = artifacts.get(id)
    if (artifact === undefined) throw new TemplateError(`${directory}: artifact ${id} is missing`)
    if (path.includes(id))
      throw new TemplateError(`Stacks depend on each other: ${[...path, id].join(' → ')}`)
    if (ignoredArtifacts.includes(artifact.type) || stacks.has(id)) return
    if (artifact.type !== 'aws:cloudformation:stack') {
      throw new TemplateError(`${directory}: artifact ${id} is of type ${artifact.type}, not known here`)
    }
    for (const dependency of artifact.dependencies ?? []) visit(dependency, [...path, id])
    stacks.set(id, readStack(directory, id, artifact, artifacts))
  }
  for (const id of artifacts.keys()) visit(id, [])
  if (stacks.size === 0) throw new TemplateError(`${directory} holds no stack`)
  return { directory, stacks: [...stacks.values()] }
}

const readStack = (
  directory: string,
  id: string,
  artifact: Artifact,
  artifacts: ReadonlyMap<string, Artifact>,
): Stack => {
  const file = String(artifact.properties?.templateFile)
  const template = readJson(directory, file)
  const unknown = Object.keys(template).find((section) => !knownSections.includes(section))
  if (unknown !== undefined)
    throw new TemplateError(`${file}: section ${unknown} is not known to the local cloud`)

  const assets = new Map<string, string>()
  for (const dependency of artifact.dependencies ?? []) {
    const manifest = artifacts.get(dependency)
    if (manifest?.type !== 'cdk:asset-manifest') continue
    for (const [key, path] of fileAssets(directory, String(manifest.properties?.file))) assets.set(key, path)
  }
  return {
    name: String(artifact.properties?.stackName ?? id),
    template: {
      Parameters: section(template, 'Parameters'),
      Conditions: section(template, 'Conditions'),
      Mappings: section(template, 'Mappings'),
      Resources: section(template, 'Resources'),
      Outputs: section(template, 'Outputs'),
    },
    assets,
  }
}

interface AssetManifest {
  readonly files?: Record<
    string,
    {
      readonly source: { readonly path: string }
      readonly destinations: Record<string, { readonly objectKey: string }>
    }
  >
  readonly dockerImages?: Record<string, unknown>
}

const fileAssets = (directory: string, file: string): [string, string][] => {
  const manifest: AssetManifest = readJson(directory, file)
  if (Object.keys(manifest.dockerImages ?? {}).length > 0) {
    throw new TemplateError(`${file}: container images are not known to the local cloud`)
  }
  return Object.values(manifest.files ?? {}).flatMap(({ source, destinations }) =>
    Object.values(destinations).map(({ objectKey }): [string, string] => [
      objectKey,
      join(directory, source.path),
    ]),
  )
}

const section = <Entry>(template: Record<string, unknown>, name: string): Readonly<Record<string, Entry>> =>
  (template[name] ?? {}) as Readonly<Record<string, Entry>>

const readJson = (directory: string, file: string): Record<string, unknown> => {
  const path = join(directory, file)
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new TemplateError(`${path} cannot be read. Synthesise the assembly first.`, { cause })
  }
  const value: unknown = JSON.parse(text)
  if (!isObject(value)) throw new TemplateError(`${path} holds no object`)
  return value
}
