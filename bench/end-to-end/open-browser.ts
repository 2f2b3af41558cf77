import axe from "axe-core";
import { type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { expect } from "vitest";
import { findChromium } from "./find-chromium.ts";

export const PHONE = { width: 390, height: 844 };
export const DESKTOP = { width: 1280, height: 900 };

export type Tab = {
  readonly page: Page;
  /** What the page threw or was refused, such as by its policy. */
  readonly errors: readonly string[];
  /** Fails where axe-core finds a serious fault in what is shown. */
  readonly expectAccessible: () => Promise<void>;
};

export type OpenedBrowser = {
  readonly open: (base: string, options?: BrowserContextOptions) => Promise<Tab>;
  readonly close: () => Promise<void>;
};

/** A real Chromium; each tab has storage and cookies of its own, and nothing fades in: colours are read at any moment. */
export async function openBrowser(): Promise<OpenedBrowser> {
  const browser = await chromium.launch({ executablePath: findChromium(), args: ["--no-sandbox"], timeout: 60_000 });
  return {
    async open(base, options = {}) {
      const context = await browser.newContext({
        viewport: DESKTOP,
        locale: "en-US",
        reducedMotion: "reduce",
        ...options,
      });
      const page = await context.newPage();
      page.setDefaultTimeout(60_000);
      const errors: string[] = [];
      page.on("pageerror", (error) => errors.push(String(error)));
      page.on("console", (message) => {
        // The page itself reports a refused request.
        if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
          errors.push(message.text());
      });
      await page.goto(base);
      return { page, errors, expectAccessible: () => expectAccessible(page) };
    },
    close: () => browser.close(),
  };
}

async function expectAccessible(page: Page): Promise<void> {
  // By the debugger, which no policy of the page holds back.
  const session = await page.context().newCDPSession(page);
  await session.send("Runtime.evaluate", { expression: axe.source });
  const { result } = await session.send("Runtime.evaluate", {
    expression: `axe.run({ resultTypes: ["violations"] }).then(({ violations }) => JSON.stringify(violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => [id, nodes.map(({ target, failureSummary }) => [target, failureSummary])])))`,
    awaitPromise: true,
    returnByValue: true,
  });
  await session.detach();
  expect(JSON.parse(String(result.value))).toEqual([]);
}
