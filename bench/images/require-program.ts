import { findProgram } from "@pedidos/testing";

/** The first executable of this name on the PATH. @throws when there is none */
export function requireProgram(name: string): string {
  const found = findProgram(name);
  if (found === undefined) throw new Error(`there is no ${name} on the PATH`);
  return found;
}
