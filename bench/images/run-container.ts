import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { leaveNothing, type OwnProcess, startOwnProcess } from "@pedidos/testing";
import type { Workshop } from "./open-workshop.ts";
import type { Image } from "./read-image.ts";

type ContainerOptions = {
  readonly env?: Readonly<Record<string, string>>;
  /** What to run instead of the image's own command. */
  readonly command?: readonly string[];
  /** Folders of this machine by where they are mounted, writable. */
  readonly volumes?: Readonly<Record<string, string>>;
};

/**
 * Run in mount and process namespaces of its own: the image's root is bound read-only, which a chroot alone does not
 * do, and then given up for it, with no capability, no way to gain one, and the image's own user and environment.
 */
const ENTER = `
root=$1; user=$2; directory=$3; shift 3
for volume in $VOLUMES; do mount --bind "\${volume#*:}" "$root\${volume%%:*}"; done
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=1777,size=64m tmpfs "$root/tmp"
mount -o remount,bind,ro "$root"
unset VOLUMES PWD OLDPWD
exec setpriv --no-new-privs unshare --root "$root" --wd "$directory" --setgid "\${user#*:}" --setuid "\${user%%:*}" -- "$@"
`;

export type OpenedImage = {
  /** Where its files can be seen. */
  readonly files: string;
  /** Starts a process of it; a signal goes to the one that a container engine would signal. */
  readonly run: (options?: ContainerOptions) => Promise<OwnProcess>;
};

/** Makes an image's files visible, to inspect and to run. */
export async function openImage(workshop: Workshop, image: Image): Promise<OpenedImage> {
  const id = (await workshop.buildah("from", image.name)).trim();
  const files = (await workshop.buildah("mount", id)).trim();
  const root = join(workshop.folder, "roots", id);
  // As container engines do: what is mounted needs a place in the image.
  for (const folder of ["proc", "dev", "tmp", "run/secrets"]) mkdirSync(join(files, folder), { recursive: true });
  mkdirSync(root, { recursive: true });
  const run: OpenedImage["run"] = async ({ env = {}, command = image.command, volumes = {} } = {}) => {
    const bound = Object.entries(volumes).map(([inside, outside]) => `${inside}:${outside}`);
    const script = `set -eu\nmount --bind ${quote(files)} ${quote(root)}\n${ENTER}`;
    const container = await startOwnProcess(
      "unshare",
      [
        ...["--mount", "--pid", "--ipc", "--fork", "--kill-child", "--", "/bin/sh", "-c", script],
        ...["sh", root, image.user, image.workingDirectory, ...command],
      ],
      { ...fromLines(image.env), ...env, VOLUMES: bound.join(" ") },
      leaveNothing("pedidos-container-"),
    );
    return { ...container, signal: (signal) => signalFirst(container, signal) };
  };
  return { files, run };
}

/** Signals the first process of a container's namespace. */
function signalFirst(container: OwnProcess, signal: NodeJS.Signals): void {
  const children = readFileSync(`/proc/${container.pid}/task/${container.pid}/children`, "utf8").trim();
  if (/^\d+$/.test(children)) process.kill(Number(children), signal);
  else container.signal(signal);
}

function fromLines(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
}

const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
