import { publishWith } from "./publish-with.ts";

// The broker confirms what it drops, as long as nobody asked to be told.
await publishWith({ publish: (publish) => (message) => publish({ ...message, mandatory: false }) });
