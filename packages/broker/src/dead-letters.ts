import type { DeathReason } from "@pedidos/contract";
import type { OrderQueue, Source } from "@pedidos/domain";

export type DeadLetter = {
  /** A digest of all that distinguishes it; two that are wholly alike have the same. */
  readonly deadLetterId: string;
  /** Where it came from; null if it was in neither queue of ours. */
  readonly queue: OrderQueue | null;
  readonly reason: DeathReason;
  readonly body: Buffer;
  readonly contentType: string | undefined;
  readonly source: Source | undefined;
  /** To the second or better; null if nobody has said. */
  readonly diedAt: Date | null;
};

/** Access for one process at a time: a reader claims the messages that it reads, and releases them when it ends. */
export type DeadLetters = {
  /**
   * The oldest dead letters, of the first 200, and how many there are in all. They stay, in their order.
   *
   * @param limits how many, and how many bytes of them; the first is read at any size
   */
  readonly read: (limits: {
    readonly count: number;
    readonly bytes: number;
  }) => Promise<{ readonly deadLetters: DeadLetter[]; readonly depth: number } | "unavailable">;
  /**
   * Finds one among the oldest 200 and hands it to `settle`, which answers whether it is removed; else it stays.
   * "unavailable" may come after it was settled; then it may be there still.
   */
  readonly take: (
    deadLetterId: string,
    settle: (deadLetter: DeadLetter) => Promise<boolean>,
  ) => Promise<"taken" | "kept" | "not_found" | "unavailable">;
};
