import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What `postmaster.pid` tells of the server that wrote it. */
export type PostmasterFile = {
  readonly pid: number;
  /** Where it can be reached: a socket's folder, or else an address. */
  readonly host: string;
  readonly port: number;
};

export const postmasterFile = (data: string) => join(data, "postmaster.pid");

/** → undefined where there is no such file, or one that was written half. */
export function readPostmasterFile(data: string): PostmasterFile | undefined {
  let text: string;
  try {
    text = readFileSync(postmasterFile(data), "utf8");
  } catch {
    return undefined;
  }
  const [pid = "", , , port = "", socketFolder = "", address = ""] = text.split("\n");
  if (!/^-?\d+$/.test(pid)) return undefined;
  const host = socketFolder !== "" ? socketFolder : address === "*" || address === "" ? "127.0.0.1" : address;
  return { pid: Math.abs(Number(pid)), host, port: Number(port) || 5432 };
}
