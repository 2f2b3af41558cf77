import type { Images } from "./make-images.ts";
import type { Size } from "./measure-deploy.ts";
import type { Image, Layer } from "./read-image.ts";

type Row = readonly string[];

/** The layers that an image adds to the one that holds Node. */
export function addedLayers(images: Images, image: Image): readonly Layer[] {
  const below = new Set(images.node.layers.map((layer) => layer.digest));
  return image.layers.filter((layer) => !below.has(layer.digest));
}

export function sumOf(layers: readonly Size[]): Size {
  const sum = (key: keyof Size) => layers.reduce((total, layer) => total + layer[key], 0);
  return { bytes: sum("bytes"), compressedBytes: sum("compressedBytes") };
}

/** Each layer of each image, raw and as it travels, and beside their sum what a plain copy of node_modules would be. */
export function writeSizes(images: Images, copies: Readonly<Record<string, Size>>): string {
  const rows: Row[] = [["image", "layer", "MB", "MB gzip", "with node_modules: MB", "MB gzip"]];
  for (const [name, image] of Object.entries(images)) {
    const layers = name === "node" ? image.layers : addedLayers(images, image);
    for (const layer of layers) rows.push([name, layer.holds, ...mega(layer)]);
    const copy = copies[name];
    rows.push([name, name === "node" ? "in all" : "added", ...mega(sumOf(layers)), ...(copy ? mega(copy) : [])]);
  }
  return align(rows);
}

/** Milliseconds from the start of a process until it is ready, in its image and as a bare bundle. */
export type ReadyTimes = Readonly<Record<string, { readonly imageMs: number; readonly bareMs: number }>>;

export function writeTimes(times: ReadyTimes): string {
  const rows = Object.entries(times).map(([app, { imageMs, bareMs }]) => [app, imageMs.toFixed(), bareMs.toFixed()]);
  return align([["ready after, ms", "image", "bare bundle"], ...rows]);
}

const mega = ({ bytes, compressedBytes }: Size): [string, string] => [
  (bytes / 1e6).toFixed(3),
  (compressedBytes / 1e6).toFixed(3),
];

/** Words to the left, numbers to the right. */
function align(rows: readonly Row[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const cell = (text: string, width: number) => (/^[\d.]+$/.test(text) ? text.padStart(width) : text.padEnd(width));
  const lines = rows.map((row) => widths.map((width, column) => cell(row[column] ?? "", width)).join("  "));
  return `${lines.map((line) => line.trimEnd()).join("\n")}\n`;
}
