import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { bundleOf } from "../harness/bundles.ts";

/** Of C0, DEL and C1, with a title, a color, and a screen that is cleared. */
const HOSTILE = "red \u001b[31mink\u001b]0;title\u0007\r\u007f\u009b2J";
const ORDER = '{"orderId":1,"customerId":7,"items":[{"product":"pen","quantity":2,"unitPrice":"1.50"}]}';
const RECORDED = {
  orderId: 1,
  customerId: 7,
  total: "3.00",
  items: [{ product: HOSTILE, quantity: 2, unitPrice: "1.50" }],
  placedAt: null,
  recordedAt: "2026-11-24T12:00:00.000000Z",
  status: "recorded",
};
const REJECTION = {
  rejectionId: 17,
  reason: "invalid_json",
  errors: [{ pointer: `/${HOSTILE}`, detail: HOSTILE }],
  orderId: null,
  source: "orders.intake",
  body: `{"product":"${HOSTILE}"}\nstatus  replayed`,
  bodyEncoding: "utf8",
  times: 1,
  firstSeenAt: "2026-11-24T12:00:00.000000Z",
  lastSeenAt: "2026-11-24T12:00:00.000000Z",
  status: "open",
};
const CHANGE = {
  specversion: "1.0",
  id: "order.rejected:1",
  source: "pedidos",
  type: "order.rejected",
  time: "2026-11-24T12:00:00Z",
  datacontenttype: "application/json",
  data: { rejectionId: 1, orderId: null, reason: "invalid_json", source: "http" },
};

/** What an API answers, by method and path, in as few words as these tests need. */
let answers: Record<string, (request: IncomingMessage, response: ServerResponse) => unknown>;
let paths: string[];
let api: Server;
let base: string;
let folder: string;
beforeEach(async () => {
  paths = [];
  folder = mkdtempSync(join(tmpdir(), "pedidos-command-line-"));
  writeFileSync(join(folder, "one.ndjson"), `${ORDER}\n`);
  answers = {
    "GET /v1/orders/1": () => RECORDED,
    "GET /v1/rejections": () => ({ rejections: [REJECTION, REJECTION], nextCursor: null }),
    "GET /v1/rejections/17": () => REJECTION,
    "GET /v1/dead-letters": () => ({ deadLetters: [], depth: 0 }),
    "GET /v1/changes": () => ({ changes: [], nextCursor: "2" }),
    "GET /v1/orders": (_, response) => void response.end("orderId\n1\n"),
    "POST /v1/orders/batch": () => ({ accepted: 1, rejected: 0, errors: [] }),
    "POST /v1/orders/reconcile": (_, response) =>
      void response.end(
        '{"line":1,"orderId":1,"verdict":"missing"}\n{"lines":1,"recorded":0,"missing":1,"different":0,"rejected":0,"invalid":0}\n',
      ),
    "GET /health/ready": () => ({ status: "ready", dependencies: { broker: "up", database: "up" } }),
  };
  api = createServer(answer);
  base = await listen(api);
});
afterEach(async () => {
  api.closeAllConnections();
  api.close();
  rmSync(folder, { recursive: true });
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  paths.push(request.url ?? "");
  const path = (request.url ?? "").replace(/^\/some\/path/, "").replace(/\?.*/, "");
  const made = await answers[`${request.method} ${path}`]?.(request, response);
  if (made !== undefined) response.end(JSON.stringify(made));
  else if (answers[`${request.method} ${path}`] === undefined)
    response.writeHead(404).end(JSON.stringify({ title: "Not found", detail: `No ${path}.` }));
}

async function listen(server: Server, port = 0): Promise<string> {
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An address where nobody listens, and where a server may listen later. */
async function freeAddress(): Promise<{ readonly port: number; readonly url: string }> {
  const server = createServer();
  const url = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return { port: Number(new URL(url).port), url };
}

type Options = {
  readonly input?: string | Buffer;
  readonly env?: Readonly<Record<string, string>>;
  readonly file?: string;
  /** Called with the process once it is started. */
  readonly during?: (child: ChildProcess, errors: () => string) => unknown;
};

/** Runs the command in the folder of the test, to its end. */
async function pedidos(args: readonly string[], { input = "", env = {}, file, during }: Options = {}) {
  const [program, ...before] = file === undefined ? [process.execPath, bundleOf("cli")] : [file];
  const child = spawn(program ?? "", [...before, ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, PEDIDOS_URL: base, ...env },
  });
  let [output, errors] = ["", ""];
  child.stdout.on("data", (part) => {
    output += part;
  });
  child.stderr.on("data", (part) => {
    errors += part;
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  child.stdin.on("error", () => {}).end(input);
  await during?.(child, () => errors);
  // A busy machine is slow to answer.
  const code = await ended;
  return { code, output, errors: errors.replace(/^.* has not answered yet; waiting for it\.\n/m, "") };
}

const words = (line: string) => line.split(" ");

describe("the address of the API", () => {
  test("is refused at once if it is none", async () => {
    const refused = { code: 64, output: "", errors: expect.stringMatching(/--url or PEDIDOS_URL/) };
    const [byOption, byVariable] = await Promise.all([
      pedidos(words("order 1 --url localhost:3000")),
      pedidos(words("send one.ndjson"), { env: { PEDIDOS_URL: "ftp://x" } }),
    ]);
    expect([byOption, byVariable]).toEqual([refused, refused]);
  });

  test.each(["order 1", "send one.ndjson", "export", "doctor"])("keeps its path: %s", async (args) => {
    const urls = [`${base}/some/path`, `${base}/some/path/`];
    const runs = await Promise.all(urls.map((url) => pedidos([...words(args), "--url", url])));
    expect([runs.map(({ code }) => code), paths.every((path) => path.startsWith("/some/path/"))]).toEqual([
      [0, 0],
      true,
    ]);
  });
});

describe("a server that is down", () => {
  test("is reported at once", async () => {
    const { url } = await freeAddress();
    const began = performance.now();
    const commands = ["order 1", "rejections list", "tail", "pause", "recount", "demo"];
    for (const { code, errors } of await Promise.all(commands.map((args) => pedidos([...words(args), "--url", url])))) {
      expect([code, errors]).toEqual([69, expect.stringContaining(`${url} does not answer (ECONNREFUSED)`)]);
      expect(errors).not.toContain("Retrying");
    }
    // It would be retried for a minute.
    expect(performance.now() - began).toBeLessThan(40_000);
  });

  test.each(["send one.ndjson", "reconcile one.ndjson", "export"])("%s reports it, and goes on", async (args) => {
    const { port, url } = await freeAddress();
    const later = createServer(answer);
    const { code, errors } = await pedidos([...words(args), "--url", url], {
      during: async (_, errorsSoFar) => {
        await vi.waitFor(
          () => expect(errorsSoFar()).toContain(`${url} does not answer (ECONNREFUSED). Retrying`),
          30_000,
        );
        await listen(later, port);
      },
    });
    later.closeAllConnections();
    later.close();
    expect([code, errors]).toEqual([args.startsWith("reconcile") ? 1 : 0, expect.stringContaining("answers again")]);
  });

  test("is reported by send --amqp as well", async () => {
    const { url } = await freeAddress();
    const { errors } = await pedidos(words("send one.ndjson --amqp"), {
      env: { AMQP_URL: url.replace("http", "amqp") },
      during: async (child, errorsSoFar) => {
        await vi.waitFor(() => expect(errorsSoFar()).toMatch(/^The broker takes no messages .*Retrying/), 30_000);
        child.kill("SIGTERM");
      },
    });
    expect(errors).toMatch(/Interrupted\. Run the same command again to go on\.\n$/);
  });
});

describe("what a command is given", () => {
  test("is wrong usage if it is no such option or value, and named", async () => {
    const wrong = [
      ["demo --rate x", "--rate"],
      ["demo --seconds -1", "--seconds"],
      ["demo --rate", "rate"],
      ["rejections list --limit 0", "--limit"],
      ["dead-letters list --limit 201", "--limit"],
      ["export --customer 1.5", "--customer"],
      ["export --no-output", "no-output"],
      ["export --output=", "--output"],
      ["rejections discard 17 --all", "--all"],
      ["rejections discard 17 --reason poison", "--reason"],
    ] as const;
    const runs = await Promise.all(wrong.map(([args]) => pedidos(words(args))));
    expect(runs).toEqual(wrong.map(([, name]) => ({ code: 64, output: "", errors: expect.stringContaining(name) })));
  });

  test("of an option that is given twice the last one stands", async () => {
    expect((await pedidos(words("export -o a.csv -o b.csv"))).code).toBe(0);
    expect(readdirSync(folder).sort()).toEqual(["b.csv", "one.ndjson"]);
  });

  test("a key that no header holds is refused, and not shown", async () => {
    const { code, errors } = await pedidos(["order", "1"], { env: { PEDIDOS_KEY: "s3cret\nkey" } });
    expect([code, errors]).toEqual([64, expect.stringContaining("PEDIDOS_KEY")]);
    expect(errors).not.toContain("s3cret");
  });

  test("--version", async () => {
    expect((await pedidos(["--version"])).output).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

test("- is standard input", async () => {
  const sent: unknown[] = [];
  answers["POST /v1/rejections/17/replay"] = async (request) => {
    sent.push(await json(request));
    return {};
  };
  for (const args of ["rejections replay 17 --with -", "rejections replay 17 --with=-"])
    expect(await pedidos(words(args), { input: ORDER })).toMatchObject({ code: 0 });
  expect(sent).toEqual([JSON.parse(ORDER), JSON.parse(ORDER)]);
  const latin1 = await pedidos(words("rejections replay 17 --with -"), { input: Buffer.from('"lápis"', "latin1") });
  expect(latin1).toMatchObject({ code: 66, errors: expect.stringContaining("not in UTF-8") });
  expect(await pedidos(words("rejections replay 17 --with nothing.json"))).toMatchObject({ code: 66 });
  expect(await pedidos(words("send -"), { input: ORDER })).toMatchObject({ code: 0 });
  expect(sent).toHaveLength(2);
});

test("a dry run of one rejection changes nothing", async () => {
  const ran = await pedidos(words("rejections discard 17 --dry-run"));
  expect(ran).toMatchObject({ code: 0, errors: "Rejection 17 would be discarded.\n" });
});

test("an empty list says so, as JSON nothing", async () => {
  answers["GET /v1/rejections"] = () => ({ rejections: [], nextCursor: null });
  for (const list of ["rejections list", "dead-letters list"]) {
    expect(await pedidos(words(list))).toMatchObject({
      code: 0,
      output: "",
      errors: expect.stringContaining("There are no"),
    });
    expect(await pedidos([...words(list), "--json"])).toEqual({ code: 0, output: "", errors: "" });
  }
});

describe("export to a file", () => {
  const file = () => join(folder, "list.csv");

  test("that exists is refused, and with --force overwritten", async () => {
    writeFileSync(file(), "mine");
    expect(await pedidos(words("export -o list.csv"))).toMatchObject({
      code: 73,
      errors: expect.stringMatching(/list\.csv exists.*--force/),
    });
    expect(readFileSync(file(), "utf8")).toBe("mine");
    expect((await pedidos(words("export -o list.csv --force"))).code).toBe(0);
    expect(readFileSync(file(), "utf8")).toBe("orderId\n1\n");
  });

  test("makes it once it is whole, and leaves nothing else", async () => {
    answers["GET /v1/orders"] = (_, response) => {
      response.write("orderId\n");
      setImmediate(() => response.destroy());
    };
    writeFileSync(file(), "mine");
    expect(await pedidos(words("export -o list.csv --force"))).toMatchObject({
      code: 69,
      errors: expect.stringContaining("broke off"),
    });
    expect(readFileSync(file(), "utf8")).toBe("mine");
    expect(readdirSync(folder).sort()).toEqual(["list.csv", "one.ndjson"]);
  });

  test("that can't be written is reported; a device can", async () => {
    expect(await pedidos(words("export -o nowhere/list.csv"))).toMatchObject({
      code: 73,
      errors: expect.stringContaining("ENOENT"),
    });
    expect(await pedidos(words("export -o .")).then(({ code }) => code)).toBe(73);
    expect((await pedidos(words("export -o /dev/null"))).code).toBe(0);
  });
});

describe("the terminal", () => {
  const RAW = /(?!\n)\p{Cc}/u;

  test("gets nothing raw that steers it, and JSON gives the value unchanged", async () => {
    answers["GET /v1/orders/2"] = (_, response) => {
      response.statusCode = 409;
      return { title: HOSTILE, detail: HOSTILE };
    };
    for (const args of ["order 1", "order 1 --json", "order 2", "rejections list", "rejections show 17"]) {
      const { output, errors } = await pedidos(words(args));
      expect(output + errors).toMatch(/red .{1,8}\[31mink/);
      expect(output + errors).not.toMatch(RAW);
    }
    expect(JSON.parse((await pedidos(words("order 1 --json"))).output)).toEqual(RECORDED);
    expect((await pedidos(words("rejections show 17"))).output).not.toMatch(/^status {2}.*replayed/m);
  });

  test("gets nothing once nobody reads, as after | head -1", async () => {
    answers["GET /v1/changes"] = () => ({ changes: [CHANGE], nextCursor: "2" });
    const commands = [
      "order 1",
      "rejections list",
      "rejections show 17 --json",
      "reconcile one.ndjson",
      "export",
      "doctor",
    ];
    const during = (child: ChildProcess) => void child.stdout?.destroy();
    const runs = await Promise.all([...commands, "tail"].map((args) => pedidos(words(args), { during })));
    for (const { code, errors } of runs) expect([code, errors.replace(/^Waiting.*\n/, "")]).toEqual([141, ""]);
    // These have ended before they hear of it.
    for (const args of ["--help", "completion"]) expect((await pedidos([args], { during })).errors).toBe("");
  });

  test.runIf(process.platform === "linux")("tail ends with its reader, even if nothing more comes", async () => {
    answers["GET /v1/changes"] = ({ url }) => ({ changes: url?.endsWith("now") ? [CHANGE] : [], nextCursor: "2" });
    const bash = ["-c", `'${process.execPath}' '${bundleOf("cli")}' tail --json | head -1`];
    const { output } = await pedidos(bash, { file: "bash" });
    expect(JSON.parse(output)).toEqual(CHANGE);
  });

  test("an error that nobody foresaw is no stack trace, and no result", async () => {
    const { code, errors } = await pedidos(["order", "1"], {
      env: {
        NODE_OPTIONS: `--import=data:text/javascript,globalThis.fetch=()=>{setTimeout(()=>{throw(new(TypeError)(String(1)))});return(new(Promise)(()=>{}))}`,
      },
    });
    expect([code, errors]).toEqual([70, expect.stringMatching(/^This is a bug of pedidos: TypeError: 1\. .*\n$/)]);
  });
});

describe("Ctrl-C", () => {
  test.each([
    ["send one.ndjson", "POST /v1/orders/batch", /Run the same command again to go on\.\n$/],
    ["reconcile one.ndjson", "POST /v1/orders/reconcile", /Not every order was compared/],
    ["export -o list.csv", "GET /v1/orders", /list\.csv is not written/],
    ["rejections discard --all", "GET /v1/rejections", /Run the same command again to go on/],
  ])("during %s says how it goes on", async (args, route, expected) => {
    let isAsked = false;
    answers[route] = (_, response) => {
      isAsked = true;
      response.write(" ");
    };
    const { code, errors } = await pedidos(words(args), {
      during: async (child) => {
        await vi.waitFor(() => expect(isAsked).toBe(true), 30_000);
        child.kill("SIGINT");
      },
    });
    expect([code, errors]).toEqual([130, expect.stringMatching(expected)]);
    expect(existsSync(join(folder, "list.csv"))).toBe(false);
    expect(readdirSync(folder).filter((name) => name.endsWith(".partial"))).toEqual([]);
  });
});
