import { connect } from "amqplib";
import Fastify from "fastify";

// The floor route: a bare route that publishes the raw body as one persistent message and answers on its confirm.
const QUEUE = "bench.floor";

const connection = await connect(String(process.env.AMQP_URL), { noDelay: true });
const channel = await connection.createConfirmChannel();
await channel.assertQueue(QUEUE, { durable: true, arguments: { "x-queue-type": "quorum" } });
const app = Fastify();
app.removeAllContentTypeParsers();
app.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
app.post<{ Body: Buffer }>("/v1/orders", (request, reply) => {
  channel.publish("", QUEUE, request.body, { persistent: true }, (error) => {
    reply.code(error ? 503 : 202).send();
  });
});
app.get("/health/ready", () => ({ status: "ready" }));
await app.listen({ host: "127.0.0.1", port: Number(process.env.PORT) });
process.once("SIGTERM", () => process.exit(0));
