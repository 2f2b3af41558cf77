import { createReadStream, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createGunzip } from "node:zlib";
import { mapRecord } from "../harness/map-record.ts";
import type { Workshop } from "./open-workshop.ts";

export type Layer = {
  readonly digest: string;
  /** Where in the image its files are. */
  readonly holds: string;
  readonly compressedBytes: number;
  readonly bytes: number;
};

/** An image as it would be pushed. */
export type Image = {
  readonly name: string;
  /** The digest of its description, which names every layer by its content. */
  readonly id: string;
  readonly layers: readonly Layer[];
  readonly user: string;
  readonly env: readonly string[];
  readonly workingDirectory: string;
  /** Entrypoint and command. */
  readonly command: readonly string[];
};

type Json = Record<string, unknown>;

const TAG = "org.opencontainers.image.ref.name";

/** Writes the image out in the OCI layout, gzip as it travels, and reads what that says. */
async function readImage(workshop: Workshop, name: string, sizes: Map<string, number>): Promise<Image> {
  // One folder for all, so that a layer that several have is written once.
  const folder = join(workshop.folder, "oci");
  mkdirSync(folder, { recursive: true });
  await workshop.buildah("push", "-q", name, `oci:${folder}:${name}`);
  const blob = (digest: string) => join(folder, "blobs", digest.replace(":", "/"));
  const entries = list(json(join(folder, "index.json")).manifests);
  const manifest = json(blob(text(entries.find((entry) => object(entry.annotations)[TAG] === name)?.digest)));
  const id = text(object(manifest.config).digest);
  const description = json(blob(id));
  const steps = list(description.history).filter((step) => step.empty_layer !== true);
  const layers: Layer[] = [];
  for (const [index, layer] of list(manifest.layers).entries()) {
    const digest = text(layer.digest);
    const holds = text(steps[index]?.created_by).match(/ in (\S+)/)?.[1] ?? "";
    const bytes = sizes.get(digest) ?? (await unzippedSize(blob(digest)));
    sizes.set(digest, bytes);
    layers.push({ digest, holds, compressedBytes: Number(layer.size), bytes });
  }
  const config = object(description.config);
  return {
    name,
    id,
    layers,
    user: text(config.User),
    env: strings(config.Env),
    workingDirectory: text(config.WorkingDir),
    command: [...strings(config.Entrypoint), ...strings(config.Cmd)],
  };
}

async function unzippedSize(file: string): Promise<number> {
  let bytes = 0;
  for await (const chunk of createReadStream(file).pipe(createGunzip())) bytes += chunk.length;
  return bytes;
}

const json = (file: string): Json => object(JSON.parse(readFileSync(file, "utf8")));
const object = (value: unknown): Json => (typeof value === "object" && value !== null ? { ...value } : {});
const list = (value: unknown): Json[] => (Array.isArray(value) ? value.map(object) : []);
const strings = (value: unknown): string[] => (Array.isArray(value) ? value.map(text) : []);
const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** {@link readImage} for each of several, by the same keys. */
export function readImages<Name extends string>(
  workshop: Workshop,
  names: Readonly<Record<Name, string>>,
): Promise<Record<Name, Image>> {
  const sizes = new Map<string, number>();
  return mapRecord(names, (name) => readImage(workshop, name, sizes));
}
