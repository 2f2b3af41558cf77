import type { Fault } from "@pedidos/contract";
import type { JsonLine } from "./format-json.ts";

export type FaultyLine = JsonLine & { readonly faults: readonly Fault[] };

/** Puts each fault at the line that it points to; where that is missing, at the one it is missing from. */
export function placeFaults(lines: readonly JsonLine[], faults: readonly Fault[]): readonly FaultyLine[] {
  const known = new Map<string, number>();
  for (const [index, { pointer }] of lines.entries()) if (pointer !== undefined) known.set(pointer, index);
  const placed = new Map<number, Fault[]>();
  for (const fault of faults) {
    let { pointer } = fault;
    while (pointer !== "" && !known.has(pointer)) pointer = pointer.slice(0, pointer.lastIndexOf("/"));
    const index = known.get(pointer) ?? 0;
    placed.set(index, [...(placed.get(index) ?? []), fault]);
  }
  return lines.map((line, index) => ({ ...line, faults: placed.get(index) ?? [] }));
}
