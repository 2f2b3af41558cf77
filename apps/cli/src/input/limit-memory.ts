import { setFlagsFromString } from "node:v8";

/**
 * Keeps the part of the heap for new objects at its first size, and has the other part grow by halves. Else V8 lets them take
 * some 100 MiB each while a large file is read, more than all else takes.
 */
export function limitMemory(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
  setFlagsFromString("--heap-growing-percent=50");
}
