import { repeat } from "./repeat.ts";

export type ConsumingSwitchOptions = {
  /** Asks the database. */
  readonly isPaused: () => Promise<boolean>;
  /** Told whenever it is another, and what was found first. */
  readonly onChange: (paused: boolean) => void;
  readonly onError: (error: unknown) => void;
};

export type ConsumingSwitch = {
  /** Whether it is known that nothing may be recorded. */
  readonly isPaused: () => boolean;
  /** Resolves when it is known that recording may go on. */
  readonly on: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

const ASK_EVERY_MS = 1_000;

/**
 * Whether somebody has paused consuming. Until the database has said so once nothing is consumed: nothing could be
 * recorded either. After that, while it does not answer, what it has said last holds.
 */
export function startConsumingSwitch({ isPaused, onChange, onError }: ConsumingSwitchOptions): ConsumingSwitch {
  let paused: boolean | undefined;
  let on = Promise.withResolvers<void>();

  async function ask(): Promise<void> {
    const found = await isPaused();
    if (found === paused) return;
    // Whoever waits since the start waits on.
    if (paused === false) on = Promise.withResolvers();
    paused = found;
    if (!paused) on.resolve();
    onChange(paused);
  }

  const first = ask().catch(onError);
  const asking = repeat(ASK_EVERY_MS, ask, onError);
  return {
    isPaused: () => paused === true,
    on: () => on.promise,
    async stop() {
      await asking.stop();
      await first;
    },
  };
}
