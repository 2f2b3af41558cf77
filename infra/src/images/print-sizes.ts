import type { Image } from "./read-image.ts";

const MEGA = 1e6;
const mega = (bytes: number) => (bytes / MEGA).toFixed(3).padStart(9);
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** Prints each layer that an image adds to another, and → how many compressed bytes they are together. */
export function printSizes(title: string, image: Image, on?: Image): number {
  const below = new Set(on?.layers.map((layer) => layer.digest));
  const added = image.layers.filter((layer) => !below.has(layer.digest));
  const compressed = sum(added.map((layer) => layer.compressedBytes));
  const line = (bytes: number, zipped: number, what: string) => console.log(`${mega(zipped)} ${mega(bytes)}  ${what}`);
  console.log(`\n${title}  ${image.digest}\n  gzip MB        MB`);
  for (const layer of added) line(layer.bytes, layer.compressedBytes, layer.digest.slice(0, 19));
  line(sum(added.map((layer) => layer.bytes)), compressed, on === undefined ? "in all" : "added");
  return compressed;
}
