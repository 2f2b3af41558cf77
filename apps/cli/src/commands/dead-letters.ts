import { DeadLetters } from "@pedidos/contract";
import { type ExitCode, exitCodes, Failure } from "../failure.ts";
import type { Client } from "../open-client.ts";
import { print, printTable, tell } from "../print.ts";

/** As many as the API ever shows. */
const MOST = 200;

/** `pedidos dead-letters list`: the oldest of them; they stay where they are. */
export async function listDeadLetters(
  client: Client,
  { limit, asJson }: { readonly limit: number; readonly asJson: boolean },
): Promise<void> {
  const { deadLetters, depth } = await read(client, limit);
  if (asJson) for (const deadLetter of deadLetters) print(deadLetter, true);
  else
    printTable(
      deadLetters.map(({ deadLetterId, diedAt, reason, queue, size }) => ({
        "dead letter": deadLetterId,
        died: diedAt,
        reason,
        queue,
        bytes: size,
      })),
    );
  if (depth > deadLetters.length) tell(`${deadLetters.length} of ${depth} are shown.`);
}

/** `pedidos dead-letters show ID`: one of them, its body up to 64 KiB. */
export async function showDeadLetter(client: Client, deadLetterId: string, asJson: boolean): Promise<void> {
  const { deadLetters } = await read(client, MOST);
  const found = deadLetters.find((one) => one.deadLetterId === deadLetterId);
  if (found === undefined)
    throw new Failure(exitCodes.refused, `There is no dead letter ${deadLetterId} among the oldest ${MOST}.`);
  print(found, asJson);
}

/** `pedidos dead-letters requeue ID`: back to the queue it came from. */
export async function requeueDeadLetter(client: Client, deadLetterId: string): Promise<ExitCode> {
  await client.fetch({ method: "POST", path: `/v1/dead-letters/${encodeURIComponent(deadLetterId)}/requeue` });
  tell(`Dead letter ${deadLetterId} is put back.`);
  return exitCodes.done;
}

async function read(client: Client, limit: number) {
  return await client.read(DeadLetters, { path: "/v1/dead-letters", query: { limit } });
}
