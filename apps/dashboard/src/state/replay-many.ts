import type { Rejection, RejectionPage } from "@pedidos/contract";
import { dialectOf, readOrder } from "@pedidos/domain";
import { change, Problem, type Query, read } from "../api/client.ts";

/** What submitting the open rejections of a filter again would do. */
export type Forecast = {
  /** Valid orders, by their rejection's id. */
  readonly valid: readonly number[];
  /** Valid too, but another order has their id. */
  readonly conflicts: number;
  readonly faulty: number;
  /** Whether there are more than were inspected. */
  readonly isCapped: boolean;
};

const MOST = 10_000;
const AT_ONCE = 4;

/** Inspects every open rejection of a filter; changes nothing. @param onProgress is called with how many it has inspected so far */
export async function forecastReplay(
  filter: Query,
  onProgress: (count: number) => void,
  signal: AbortSignal,
): Promise<Forecast> {
  const valid: number[] = [];
  let [conflicts, faulty, inspected] = [0, 0, 0];
  let cursor: string | null = null;
  do {
    const page: RejectionPage = await read("/v1/rejections", { ...filter, cursor, limit: 200 }, signal);
    for (const rejection of page.rejections) {
      if (!isValid(rejection)) faulty++;
      else if (rejection.reason === "order_conflict") conflicts++;
      else valid.push(rejection.rejectionId);
    }
    inspected += page.rejections.length;
    onProgress(inspected);
    cursor = page.nextCursor;
  } while (cursor !== null && inspected < MOST);
  return { valid, conflicts, faulty, isCapped: cursor !== null };
}

function isValid({ body, bodyEncoding, source }: Rejection): boolean {
  return bodyEncoding === "utf8" && readOrder(new TextEncoder().encode(body), dialectOf(source)).kind === "order";
}

export type Replayed = { readonly done: number; readonly refused: number };

/** Submits them again, a few at a time; what is refused stays open. @throws {Problem} if the server is away */
export async function replayAll(
  rejectionIds: readonly number[],
  onProgress: (replayed: Replayed) => void,
  signal: AbortSignal,
): Promise<Replayed> {
  let [next, done, refused] = [0, 0, 0];
  const work = async () => {
    while (next < rejectionIds.length && !signal.aborted) {
      const id = rejectionIds[next++];
      try {
        await change(`/v1/rejections/${id}/replay`, { method: "POST" });
        done++;
      } catch (error) {
        if (!(error instanceof Problem) || ![400, 404, 409].includes(error.status)) throw error;
        refused++;
      }
      onProgress({ done, refused });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { done, refused };
}
