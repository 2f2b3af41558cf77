import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { consumerSettings } from "@pedidos/consumer/settings";
import { apiSettings } from "@pedidos/http";
import { topology } from "@pedidos/messaging";
import { migrateSettings } from "@pedidos/migrate";
import type { Setting } from "@pedidos/process";
import { Ajv } from "ajv";
import { describe, expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";

const INFRA = join(import.meta.dirname, "..");
const read = (path: string) => readFileSync(join(INFRA, path), "utf8");
type Json = Record<string, unknown>;
const object = (value: unknown): Json => (typeof value === "object" && value !== null ? { ...value } : {});
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const compose = object(parse(read("compose.yaml"), { merge: true }));
const services = object(compose.services);

describe("compose.yaml", () => {
  test("is valid by the Compose specification's schema, and the schema says no to what is not", () => {
    const schema = object(JSON.parse(read("src/testdata/compose-spec.json")));
    // The file names draft-07 by an address of its own.
    const validate = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile({
      ...schema,
      $schema: "http://json-schema.org/draft-07/schema#",
    });
    expect(validate(compose), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ ...compose, services: { api: { imagee: "x" } } })).toBe(false);
  });

  test.each(Object.keys(services))("%s is confined: no capability, read-only, limited, not root", (name) => {
    const service = object(services[name]);
    expect(service).toMatchObject({
      cap_drop: ["ALL"],
      read_only: true,
      security_opt: ["no-new-privileges:true"],
      mem_limit: expect.any(String),
      pids_limit: expect.any(Number),
      networks: ["pedidos"],
    });
    expect(service).not.toHaveProperty("privileged");
    expect(service).not.toHaveProperty("cap_add");
    // Our own images say it themselves.
    if (!("build" in service)) expect(service.user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    else expect(read("Dockerfile")).toContain("USER 65532:65532");
  });

  test("publishes the API and pages to look at alone, on loopback", () => {
    const published = Object.entries(services).flatMap(([name, service]) =>
      list(object(service).ports).map((port) => `${name} ${port}`),
    );
    expect(published.sort()).toEqual([
      `api 127.0.0.1:\${API_PORT:-3000}:3000`,
      `grafana 127.0.0.1:\${GRAFANA_PORT:-3030}:3000`,
      `prometheus 127.0.0.1:\${PROMETHEUS_PORT:-9090}:9090`,
      `rabbitmq 127.0.0.1:\${MANAGEMENT_PORT:-15672}:15672`,
    ]);
  });

  test("takes every image at a version and by its digest, and so does the Dockerfile", () => {
    const images = Object.values(services).flatMap((service) =>
      "build" in object(service) ? [] : object(service).image,
    );
    expect(images.length).toBeGreaterThan(4);
    for (const image of images) expect(image).toMatch(/:v?\d+\.\d+(\.\d+)?(-\w+)?@sha256:[0-9a-f]{64}$/);
    const bases = [...read("Dockerfile").matchAll(/^ARG \w+_IMAGE=(.*)$/gm)].map(([, image]) => image);
    expect(bases).toHaveLength(2);
    for (const image of bases) expect(image).toMatch(/:[\w.-]+@sha256:[0-9a-f]{64}$/);
    // Each stage is one of those, or another stage.
    expect(read("Dockerfile")).not.toMatch(/^FROM [^$\n]*[:/]/m);
  });

  test("lets the consumer be scaled: no name and no port of its own", () => {
    expect(services.consumer).not.toHaveProperty("container_name");
    expect(services.consumer).not.toHaveProperty("ports");
    expect(services.consumer).not.toHaveProperty("hostname");
  });

  test("has the migrator's end waited for by what needs the schema, so that --wait takes it for done", () => {
    for (const name of ["api", "consumer"])
      expect(object(object(services[name]).depends_on)).toMatchObject({
        migrate: { condition: "service_completed_successfully" },
        postgres: { condition: "service_healthy" },
        rabbitmq: { condition: "service_healthy" },
      });
    expect(object(services.migrate)).toMatchObject({ restart: "no" });
  });

  test("leaves the network's addresses to the engine", () => {
    expect(compose.networks).toEqual({ pedidos: { driver: "bridge" } });
  });

  test.each(["api", "consumer"])("%s is rebuilt while its sources are edited, and those are there", (name) => {
    const watched = list(object(object(services[name]).develop).watch).map(object);
    expect(watched.map(({ path }) => path)).toEqual(["../packages", "../apps", "../pnpm-lock.yaml"]);
    for (const { action, path } of watched) {
      expect(action).toBe("rebuild");
      expect(() => statSync(join(INFRA, String(path)))).not.toThrow();
    }
  });

  test("builds targets that the Dockerfile has", () => {
    for (const name of ["migrate", "api", "consumer"]) {
      expect(object(object(services[name]).build)).toEqual({
        context: "..",
        dockerfile: "infra/Dockerfile",
        target: name,
      });
      expect(read("Dockerfile")).toContain(` AS ${name}\n`);
    }
  });
});

describe("variables", () => {
  const definitions: Record<string, Readonly<Record<string, Setting<unknown>>>> = {
    api: apiSettings({}),
    consumer: consumerSettings,
    migrate: migrateSettings,
  };
  const imageSets = new Set([...read("Dockerfile").matchAll(/\b([A-Z_]+)=/g)].map(([, name]) => name));

  test.each(Object.keys(definitions))("%s: each that is set is read, each that is read is set", (name) => {
    const settings = definitions[name] ?? {};
    const set = Object.keys(object(object(services[name]).environment));
    const readable = new Set(
      Object.entries(settings).flatMap(([key, { secret }]) => (secret === true ? [key, `${key}_FILE`] : [key])),
    );
    for (const key of set) expect(readable, `${name} does not read ${key}`).toContain(key);
    for (const key of Object.keys(settings))
      expect(set.includes(key) || set.includes(`${key}_FILE`) || imageSets.has(key), `${key} is not set`).toBe(true);
    // A password is never in the environment.
    for (const [key, { secret }] of Object.entries(settings)) if (secret === true) expect(set).not.toContain(key);
  });

  test("the choices that it makes are good ones", () => {
    for (const [name, settings] of Object.entries(definitions))
      for (const [key, given] of Object.entries(object(object(services[name]).environment))) {
        const text = String(given).replace(/^\$\{[A-Z_]+:?-(.*)\}$/, "$1");
        const setting = settings[key];
        if (setting === undefined || key === "API_KEYS_FILE") continue;
        expect(setting.parse(text), `${name}: ${key}=${text}`).toHaveProperty("value");
      }
  });
});

describe("make-secrets.sh", () => {
  function makeSecrets() {
    const folder = mkdtempSync(join(tmpdir(), "secrets-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const target = join(folder, "made");
    const run = () =>
      execFileSync("/bin/sh", [join(INFRA, "make-secrets.sh")], {
        encoding: "utf8",
        env: { PATH: process.env.PATH, SECRETS_DIR: target, ENV_FILE: join(folder, "env") },
      });
    return { folder, target, run };
  }

  test("makes every secret that compose.yaml names, and a second run changes none", () => {
    const { folder, target, run } = makeSecrets();
    run();
    const files = Object.values(object(compose.secrets)).map((secret) =>
      String(object(secret).file).replace(/^\$\{SECRETS_DIR[^}]*\}\//, ""),
    );
    expect(files.length).toBeGreaterThan(5);
    for (const file of files) expect(statSync(join(target, file)).size, file).toBeGreaterThan(0);
    expect(statSync(target).mode & 0o777).toBe(0o700);
    expect(readFileSync(join(folder, "env"), "utf8")).toBe(`SECRETS_DIR=${target}\n`);
    const before = readdirSync(target).map((file) => readFileSync(join(target, file), "utf8"));
    expect(run()).toContain("Nothing was changed");
    expect(readdirSync(target).map((file) => readFileSync(join(target, file), "utf8"))).toEqual(before);
  });

  test("every secret that is mounted is declared, and the other way round", () => {
    const mounted = new Set(Object.values(services).flatMap((service) => list(object(service).secrets)));
    expect([...mounted].sort()).toEqual(Object.keys(object(compose.secrets)).sort());
  });

  test("gives the same password to both sides, a different one to each user", () => {
    const { target, run } = makeSecrets();
    run();
    const content = (file: string) => readFileSync(join(target, file), "utf8");
    const roles = content("postgres-roles.sql");
    for (const role of ["api", "consumer"]) {
      const password = new URL(content(`database-url-${role}`)).password;
      expect(password).toMatch(/^[0-9a-f]{64}$/);
      expect(roles).toContain(`alter role pedidos_${role} password '${password}'`);
    }
    const { users } = object(JSON.parse(content("rabbitmq-definitions.json")));
    const passwords = new Map(list(users).map((user) => [object(user).name, object(user).password]));
    for (const user of ["api", "dead-letters", "consumer"])
      expect(passwords.get(`pedidos_${user.replace("-", "_")}`)).toBe(new URL(content(`amqp-url-${user}`)).password);
    expect(new Set(passwords.values()).size).toBe(4);
  });

  test("while there are none, compose says what to do", () => {
    expect(read("compose.yaml")).toMatch(/\$\{SECRETS_DIR:\?[^}]*sh infra\/make-secrets\.sh\}/);
    const ignored = readFileSync(join(INFRA, "../.gitignore"), "utf8").split("\n");
    expect(ignored).toEqual(expect.arrayContaining(["infra/secrets/", "infra/.env"]));
  });
});

test("the broker's definitions hold the topology that the apps declare, and no user guest", () => {
  const definitions = object(JSON.parse(read("rabbitmq/definitions.json")));
  const common = { vhost: "/", auto_delete: false, durable: true };
  expect(definitions.exchanges).toEqual(
    topology.exchanges.map((exchange) => ({ ...exchange, ...common, arguments: {} })),
  );
  // As the replaced system declares it, since the consumer's user may not.
  const pedidos = { name: "pedidos", ...common, durable: false, arguments: {} };
  expect(definitions.queues).toEqual([...topology.queues.map((queue) => ({ ...queue, ...common })), pedidos]);
  expect(definitions.bindings).toEqual(
    topology.bindings.map(({ queue, exchange, routingKey }) => ({
      source: exchange,
      vhost: "/",
      destination: queue,
      destination_type: "queue",
      routing_key: routingKey,
      arguments: {},
    })),
  );
  expect(list(definitions.users).map((user) => object(user).name)).toEqual([
    "pedidos_api",
    "pedidos_dead_letters",
    "pedidos_consumer",
    "pedidos_admin",
  ]);
});
