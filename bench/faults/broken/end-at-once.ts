import { consumeWith } from "./consume-with.ts";

// Told to stop, it is gone, whatever it has in hand.
process.prependListener("SIGTERM", () => process.exit(0));
consumeWith({});
