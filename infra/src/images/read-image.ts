import { createReadStream, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createGunzip } from "node:zlib";
import type { Workshop } from "./open-workshop.ts";

type Layer = { readonly digest: string; readonly compressedBytes: number; readonly bytes: number };

/** An image as it would be pushed. */
export type Image = {
  readonly name: string;
  /** Of its manifest. */
  readonly digest: string;
  readonly layers: readonly Layer[];
  readonly user: string;
  readonly env: readonly string[];
  readonly workingDirectory: string;
  /** Entrypoint and command. */
  readonly command: readonly string[];
  readonly stopSignal: string;
};

type Json = Record<string, unknown>;

/** Writes the image out in the OCI layout, gzip as it travels, and reads what that says. */
async function readImage(workshop: Workshop, name: string): Promise<Image> {
  const folder = join(workshop.folder, "oci", name.replaceAll("/", "_"));
  mkdirSync(folder, { recursive: true });
  await workshop.buildah("push", "-q", name, `oci:${folder}`);
  const blob = (digest: string) => join(folder, "blobs", digest.replace(":", "/"));
  const digest = text(first(list(json(join(folder, "index.json")).manifests)).digest);
  const manifest = json(blob(digest));
  const layers: Layer[] = [];
  for (const layer of list(manifest.layers)) {
    const file = blob(text(layer.digest));
    layers.push({ digest: text(layer.digest), compressedBytes: Number(layer.size), bytes: await unzippedSize(file) });
  }
  const config = object(json(blob(text(object(manifest.config).digest))).config);
  return {
    name,
    digest,
    layers,
    user: text(config.User),
    env: strings(config.Env),
    workingDirectory: text(config.WorkingDir),
    command: [...strings(config.Entrypoint), ...strings(config.Cmd)],
    stopSignal: text(config.StopSignal),
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
const first = (values: readonly Json[]): Json => values[0] ?? {};

/** {@link readImage} for each of several, by the same keys. */
export async function readImages<Name extends string>(
  workshop: Workshop,
  names: Readonly<Record<Name, string>>,
): Promise<Record<Name, Image>> {
  const images: Partial<Record<Name, Image>> = {};
  for (const name in names) images[name] = await readImage(workshop, names[name]);
  return requireAll(images, Object.keys(names).length);
}

function requireAll<Name extends string>(images: Partial<Record<Name, Image>>, count: number): Record<Name, Image> {
  const isComplete = (some: Partial<Record<Name, Image>>): some is Record<Name, Image> =>
    Object.keys(some).length === count;
  if (!isComplete(images)) throw new Error("an image was not read");
  return images;
}
