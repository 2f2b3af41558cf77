import { afterAll, afterEach, expect, inject } from "vitest";
import { openAnswerChecker } from "./answer-checker.ts";
import { checkedFetch } from "./checked-fetch.ts";

/**
 * Loaded before each file of tests on real servers: every answer that its `fetch` gets from the API is held to
 * `/openapi.json`, and a test during which one is not as described fails.
 */
const findings: string[] = [];
globalThis.fetch = checkedFetch(globalThis.fetch, openAnswerChecker(inject("openapi")), findings);

const expectNone = () => expect(findings.splice(0), "answers that /openapi.json does not describe").toEqual([]);
afterEach(expectNone);
afterAll(expectNone);
