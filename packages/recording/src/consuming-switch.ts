import { type Repeated, repeat } from "./repeat.ts";

export type ConsumingSwitchOptions = {
  /** Asks the database. */
  readonly isPaused: () => Promise<boolean>;
  /** Called each time that the database has said it. */
  readonly onRead: (paused: boolean) => void;
  /** Called with what was found first, and whenever it is another. */
  readonly onChange: (paused: boolean) => void;
  readonly onError: (error: unknown) => void;
};

const ASK_EVERY_MS = 1_000;

/**
 * Asks again and again whether somebody has paused consuming. While the database does not answer, what it has said last
 * holds.
 */
export function startConsumingSwitch({ isPaused, onRead, onChange, onError }: ConsumingSwitchOptions): Repeated {
  let paused: boolean | undefined;

  async function ask(): Promise<void> {
    const found = await isPaused();
    const isAnother = found !== paused;
    paused = found;
    onRead(found);
    if (isAnother) onChange(found);
  }

  const first = ask().catch(onError);
  const asking = repeat(ASK_EVERY_MS, ask, onError);
  return {
    async stop() {
      await asking.stop();
      await first;
    },
  };
}
