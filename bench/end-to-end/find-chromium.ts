import { findOrInstall, findProgram } from "@pedidos/testing";

/** → the path of a Chromium: the machine's own, else Debian's package, which it installs if it may. */
export function findChromium(): string {
  const names = ["chromium-browser", "google-chrome", "chromium"];
  return findOrInstall(() => names.map((name) => findProgram(name)).find((path) => path !== undefined), "chromium");
}
