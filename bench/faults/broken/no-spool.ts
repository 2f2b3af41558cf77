import { publishWith } from "./publish-with.ts";

// The broker is the only road.
await publishWith({
  changeRoads: (roads) => ({ ...roads, spool: () => Promise.reject(new Error("there is no spool")) }),
});
