import { createConfig, lintFromString } from "@redocly/openapi-core";
import spectral from "@stoplight/spectral-core";
import openapiTypescript, { astToString } from "openapi-typescript";
import { beforeAll, expect, test } from "vitest";
import { serveForTest } from "../testing/serve-for-test.ts";
import { redoclyRules, spectralRules } from "./lint-rules.ts";

let source: string;
beforeAll(async () => {
  const api = await serveForTest({ anonymous: ["orders:read"] });
  source = await (await fetch(`${api.url}/openapi.json`)).text();
  await api.close();
});

test("Redocly finds nothing in it", async () => {
  const problems = await lintFromString({
    source,
    absoluteRef: "openapi.json",
    config: await createConfig(redoclyRules),
  });
  expect(problems.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer])).toEqual([]);
});

test("nor does Spectral", async () => {
  const linter = new spectral.Spectral();
  linter.setRuleset(new spectral.Ruleset(spectralRules));
  const problems = await linter.run(source);
  expect(problems.map(({ code, message, path }) => [code, message, path.join("/")])).toEqual([]);
});

type Operation = {
  readonly operationId: string;
  readonly security: readonly object[];
  readonly requestBody?: { readonly content: Media };
  readonly responses: Readonly<Record<string, { readonly content?: Media }>>;
};
type Media = Readonly<Record<string, { readonly example?: unknown; readonly examples?: object }>>;

test("each operation has a name of its own, the scope of its key, and an example of each body", () => {
  const paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> = JSON.parse(source).paths;
  const operations = Object.values(paths).flatMap((methods) => Object.values(methods));
  const ids = operations.map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[a-z]+([A-Z][a-z]+)*$/);
  expect(paths["/v1/orders"]?.post?.security).toEqual([{ bearer: ["orders:write"] }]);
  expect(paths["/v1/orders"]?.get?.security).toEqual([{ bearer: ["orders:read"] }, {}]);
  expect(paths["/health/live"]?.get?.security).toEqual([]);
  const bodies = operations.flatMap(({ operationId, requestBody, responses }) =>
    [requestBody, ...Object.values(responses)].flatMap((of) =>
      Object.entries(of?.content ?? {}).map(([type, media]) => ({ operationId, type, media })),
    ),
  );
  expect(bodies.filter(({ media }) => media.example === undefined && media.examples === undefined)).toEqual([]);
});

test("the client's types are those that openapi-typescript makes of it", async () => {
  // Without words and examples, which would be a third of it.
  const document = JSON.parse(source, (key, value) => (/^(description|examples?)$/.test(key) ? undefined : value));
  const types = astToString(await openapiTypescript(document));
  const note = "// Made from /openapi.json by document.unit.test.ts; --update writes it again.\n";
  await expect(note + types).toMatchFileSnapshot("client.generated.ts");
});
