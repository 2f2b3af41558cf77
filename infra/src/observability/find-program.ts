import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** The first executable of this name on the PATH. @throws when there is none, with the name and what brings it */
export function findProgram(name: string, broughtBy = "your system's packages"): string {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // not here
    }
  }
  throw new Error(`there is no ${name} on the PATH; it comes with ${broughtBy}`);
}
