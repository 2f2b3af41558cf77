import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Answer, OutgoingMessage } from "./messages.ts";
import { openUnconfirmed, openWindow } from "./open-window.ts";

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

describe("messages that are not confirmed yet", () => {
  afterEach(() => {
    expect(vi.getTimerCount(), "timers that stay behind").toBe(0);
  });

  function sent() {
    const overdue = vi.fn();
    const unconfirmed = openUnconfirmed({ timeoutMs: 900, overdue });
    const messages: { id: string; settle: (answer: Answer) => void }[] = [];
    const add = () => unconfirmed.add(10, (id, settle) => messages.push({ id, settle }));
    const settle = (index: number, answer: Answer = "ack") => messages[index]?.settle(answer);
    const giveBack = (index: number) => unconfirmed.returned(messages[index]?.id ?? "");
    return { unconfirmed, overdue, add, settle, giveBack };
  }

  test("a message is confirmed, refused, returned or lost by itself", async () => {
    const { unconfirmed, add, settle, giveBack } = sent();
    const outcomes = [add(), add(), add(), add()];
    expect(unconfirmed.size()).toEqual({ count: 4, bytes: 40 });
    giveBack(1);
    settle(1);
    settle(2, "nack");
    settle(3, "lost");
    settle(0);
    expect(await Promise.all(outcomes)).toEqual(["confirmed", "unroutable", "refused", "unavailable"]);
    expect(unconfirmed.size()).toEqual({ count: 0, bytes: 0 });
    await unconfirmed.end();
  });

  test("a confirm past its deadline gives up all that are unconfirmed, once", async () => {
    const { unconfirmed, overdue, add, settle } = sent();
    const first = add();
    await vi.advanceTimersByTimeAsync(500);
    const second = add();
    await vi.advanceTimersByTimeAsync(399);
    expect(overdue).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(2);
    expect(await Promise.all([first, second])).toEqual(["unavailable", "unavailable"]);
    settle(0);
    settle(1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(overdue).toHaveBeenCalledTimes(1);
    await unconfirmed.end();
  });

  test("a deadline strikes again after one has struck", async () => {
    const { unconfirmed, overdue, add } = sent();
    for (let times = 1; times <= 3; times++) {
      const outcome = add();
      await vi.advanceTimersByTimeAsync(901);
      expect(await outcome).toBe("unavailable");
      expect(overdue).toHaveBeenCalledTimes(times);
    }
    await unconfirmed.end();
  });

  test("confirms in time keep the deadline from striking", async () => {
    const { unconfirmed, overdue, add, settle } = sent();
    for (let i = 0; i < 20; i++) {
      const outcome = add();
      await vi.advanceTimersByTimeAsync(300);
      settle(i);
      expect(await outcome).toBe("confirmed");
    }
    expect(overdue).not.toHaveBeenCalled();
    await unconfirmed.end();
  });

  test("a confirm that was read late, since the process was busy, still counts", async () => {
    const { unconfirmed, overdue, add, settle } = sent();
    const outcome = add();
    vi.advanceTimersToNextTimer(); // the deadline has struck; what it asked of setImmediate is yet to run
    settle(0);
    expect(await outcome).toBe("confirmed");
    await vi.advanceTimersByTimeAsync(1);
    expect(overdue).not.toHaveBeenCalled();
    await unconfirmed.end();
  });

  test("a channel that refuses to send is unavailable", async () => {
    const { unconfirmed } = sent();
    const outcome = unconfirmed.add(1, () => {
      throw new Error("Channel closed");
    });
    expect(await outcome).toBe("unavailable");
    await unconfirmed.end();
  });

  test("ending waits for what is unconfirmed", async () => {
    const { unconfirmed, add, settle } = sent();
    const outcome = add();
    let ended = false;
    const end = unconfirmed.end().then(() => {
      ended = true;
    });
    await Promise.resolve();
    expect(ended).toBe(false);
    settle(0);
    await end;
    expect(await outcome).toBe("confirmed");
  });
});
