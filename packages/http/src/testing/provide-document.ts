import type { TestProject } from "vitest/node";
import type { DescribedAnswers } from "./answer-checker.ts";
import { serveForTest } from "./serve-for-test.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** `/openapi.json`, as an API of these sources serves it. */
    openapi: DescribedAnswers;
  }
}

/** Provides the document that {@link file://./check-answers.ts} holds answers to, read once a run. */
export default async function provideDocument(project: TestProject): Promise<void> {
  const api = await serveForTest();
  const { json } = await api.app.inject("/openapi.json");
  await api.close();
  project.provide("openapi", json());
}
