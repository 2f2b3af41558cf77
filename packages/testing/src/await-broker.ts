import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "amqplib";

const LIMIT_MS = 120_000;

/** Resolves once the broker takes an AMQP connection. `failed` reports, by its last output, that it will not. */
export async function awaitBroker(
  url: string,
  failed: () => string | undefined | Promise<string | undefined>,
): Promise<void> {
  const deadline = Date.now() + LIMIT_MS;
  for (;;) {
    const failure = await failed();
    if (failure !== undefined) throw new Error(`the private RabbitMQ ended while it started: ${failure}`);
    try {
      const connection = await connect(url, { timeout: 5_000 });
      connection.on("error", () => {});
      return await connection.close();
    } catch (error) {
      if (Date.now() > deadline)
        throw new Error(`the private RabbitMQ took no connection within ${LIMIT_MS / 1000} s`, { cause: error });
    }
    await sleep(100);
  }
}
