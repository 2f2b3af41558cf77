import { consumeWith } from "./consume-with.ts";

// On SIGTERM it exits at once, with everything in flight.
process.prependListener("SIGTERM", () => process.exit(0));
consumeWith({});
