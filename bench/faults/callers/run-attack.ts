import { connect } from "node:net";
import { workerData } from "node:worker_threads";
import { ATTACKS, type Attack, type AttackName } from "./attacks.ts";

/** The address of the attacking caller. */
export const ATTACKER = "127.0.0.2";
const DROP_EVERY_MS = 200;
const AGAIN_AFTER_MS = 200;

export type AttackOrder = { readonly port: number; readonly name: AttackName };

/** Runs in a thread of its own until that is ended: each connection that ends is opened again. */
function attack(port: number, what: Attack): void {
  const { bytes, drops = "", reads } = what;
  const socket = connect({ host: "127.0.0.1", port, localAddress: ATTACKER });
  let sent = 0;
  const dropping = setInterval(() => {
    if (socket.writable && sent < drops.length) socket.write(drops.charAt(sent++));
  }, DROP_EVERY_MS);
  socket.write(bytes());
  // A refusal ends the exchange; the rest of what was sent is not taken from the connection.
  if (reads) socket.once("data", () => socket.destroy());
  socket.on("error", () => {});
  socket.on("close", () => {
    clearInterval(dropping);
    setTimeout(() => attack(port, what), AGAIN_AFTER_MS);
  });
}

const { port, name }: AttackOrder = workerData;
for (let n = 0; n < ATTACKS[name].connections; n++) attack(port, ATTACKS[name]);
