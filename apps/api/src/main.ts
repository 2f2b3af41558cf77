import Fastify from "fastify";

const app = Fastify();
app.get("/", () => ({ hello: 1 }));
await app.listen({ port: 3999 });
console.log("up");
await app.close();
