import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findFreePort } from "./find-free-port.ts";
import { findOrInstall } from "./find-or-install.ts";
import { findProgram } from "./find-program.ts";
import { leaveNothing } from "./leave-nothing.ts";
import { type OwnProcess, startOwnProcess } from "./own-process.ts";

/** What a site's configuration names. */
export type NginxPlace = {
  readonly httpPort: number;
  readonly tlsPort: number;
  /** Files of a certificate for 127.0.0.1, signed by itself, and its key. */
  readonly certificate: string;
  readonly key: string;
};

/** A private nginx. */
export type Nginx = {
  readonly place: NginxPlace;
  /** The certificate that its clients have to trust. */
  readonly certificate: string;
  /** Ends it and removes its files. What is not removed is, when this process exits. */
  remove(): Promise<void>;
};

const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 10_000;
const OPENSSL = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1";

/** Starts an nginx of its own with a site: the machine's program, else that of the distribution's package. */
export async function startNginx(site: (place: NginxPlace) => string): Promise<Nginx> {
  const program = findOrInstall(() => findProgram("nginx", ["/usr/sbin", "/usr/local/sbin"]), "nginx");
  const openssl = findOrInstall(() => findProgram("openssl"), "openssl");
  const remains = leaveNothing("pedidos-nginx-");
  const [httpPort, tlsPort] = [await findFreePort(), await findFreePort()];
  const [certificate, key] = [join(remains.folder, "certificate.pem"), join(remains.folder, "key.pem")];
  const made = spawnSync(openssl, [...OPENSSL.split(" "), "-out", certificate, "-keyout", key], { encoding: "utf8" });
  if (made.status !== 0) throw new Error(`openssl made no certificate: ${made.stderr}`);
  const place = { httpPort, tlsPort, certificate, key };
  const file = join(remains.folder, "nginx.conf");
  writeFileSync(file, configurationOf(remains.folder, site(place)));
  const nginx = await startOwnProcess(program, ["-c", file, "-p", remains.folder], {}, remains);
  const remove = async () => {
    await nginx.end("SIGTERM", STOP_LIMIT_MS);
    remains.remove();
  };
  try {
    await awaitConnection(tlsPort, nginx);
  } catch (error) {
    await remove();
    throw error;
  }
  return { place, certificate: readFileSync(certificate, "utf8"), remove };
}

/** One process in the foreground, and nothing outside its folder. */
function configurationOf(folder: string, site: string): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  return `daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log stderr warn;
events {}
http {
  access_log off;
${temporary.map((name) => `  ${name}_temp_path ${folder}/${name};\n`).join("")}
${site}
}
`;
}

async function awaitConnection(port: number, nginx: OwnProcess): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    if (nginx.hasEnded()) throw new Error(`the private nginx ended while it started: ${nginx.tail()}`);
    const socket = connect(port, "127.0.0.1");
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return;
    if (Date.now() > deadline)
      throw new Error(`the private nginx took no connection within ${START_LIMIT_MS / 1_000} s`);
    await sleep(50);
  }
}
