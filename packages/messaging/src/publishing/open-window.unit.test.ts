import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { OutgoingMessage } from "./messages.ts";
import type { Answer } from "./open-unconfirmed.ts";
import { openWindow } from "./open-window.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setImmediate", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const message: OutgoingMessage = { exchange: "", routingKey: "q", body: new Uint8Array(), contentType: "t" };

/** A window whose link is lost and opened again at once when a confirm is overdue. */
function open() {
  let answer: Answer | undefined = "ack";
  const window = openWindow({
    window: 8,
    confirmTimeoutMs: 900,
    overdue() {
      window.lost();
      connect();
    },
  });
  function connect(): void {
    const send = (_: OutgoingMessage, _id: string, settle: (given: Answer) => void) => {
      if (answer !== undefined) settle(answer);
    };
    window.opened({ send, redeclare() {} });
  }
  connect();
  return {
    ...window,
    answerWith(given: Answer | undefined) {
      answer = given;
    },
  };
}

test("a confirm that does not come says down, though there is a connection, until one comes", async () => {
  const { publish, probe, status, answerWith } = open();
  expect(status()).toBe("up");
  answerWith(undefined);
  const late = publish(message);
  await vi.advanceTimersByTimeAsync(901);
  expect(await late).toBe("unavailable");
  expect(status()).toBe("down");
  answerWith("ack");
  expect(await probe(message)).toBe("confirmed");
  expect(status(), "a probe goes to no queue").toBe("down");
  expect(await publish(message)).toBe("confirmed");
  expect(status()).toBe("up");
});

test("where nothing is published the doubt ends by itself", async () => {
  const { publish, status, answerWith } = open();
  answerWith(undefined);
  void publish(message);
  await vi.advanceTimersByTimeAsync(901);
  answerWith("ack");
  await vi.advanceTimersByTimeAsync(4_000);
  expect(status()).toBe("down");
  await vi.advanceTimersByTimeAsync(1_001);
  expect(status()).toBe("up");
});

test("a queue that refuses is no broker that is down", async () => {
  const { publish, status, answerWith } = open();
  answerWith("nack");
  expect(await publish(message)).toBe("refused");
  expect(status()).toBe("up");
});
