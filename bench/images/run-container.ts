import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Workshop } from "./open-workshop.ts";
import type { Image } from "./read-image.ts";

/** A process of an image. Its output is kept for the message when something fails. */
export type Container = {
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  readonly output: () => string;
  readonly signal: (signal: NodeJS.Signals) => void;
};

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
  /** Starts a process of it. */
  readonly run: (options?: ContainerOptions) => Promise<Container>;
};

/** Makes an image's files visible, to look at and to run. */
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
    const child = spawn(
      "unshare",
      [
        ...["--mount", "--pid", "--ipc", "--fork", "--kill-child", "--", "/bin/sh", "-c", script],
        ...["sh", root, image.user, image.workingDirectory, ...command],
      ],
      {
        env: { ...fromLines(image.env), ...env, VOLUMES: bound.join(" ") },
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    return watch(child);
  };
  return { files, run };
}

/** A bundle outside its image: on this machine, as this user. */
export function runBare(main: string, env: Readonly<Record<string, string>>): Promise<Container> {
  return watch(spawn(process.execPath, [main], { env: { ...env }, stdio: ["ignore", "pipe", "pipe"] }));
}

async function watch(child: ChildProcess): Promise<Container> {
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (text: string) => {
      output = (output + text).slice(-20_000);
    });
  const ended = once(child, "close").then(([code, signal]: (number | NodeJS.Signals)[]) => code ?? signal ?? "SIGKILL");
  await once(child, "spawn");
  return {
    ended,
    output: () => output,
    // To the first process of the namespace: the one that a container engine would signal.
    signal(signal) {
      const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").trim();
      if (/^\d+$/.test(children)) process.kill(Number(children), signal);
      else child.kill(signal);
    },
  };
}

function fromLines(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
}

const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
