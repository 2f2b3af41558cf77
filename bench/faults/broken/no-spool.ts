import { openIntake } from "@pedidos/intake";
import { publishWith } from "./publish-with.ts";

// The broker is the only road.
await publishWith({
  intake: (publish, log) => openIntake({ publish, spool: () => Promise.reject(new Error("there is no spool")), log }),
});
