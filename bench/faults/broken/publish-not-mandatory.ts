import { openPublisher, ordersMessage } from "@pedidos/messaging";
import { publishWith } from "./publish-with.ts";

// The broker confirms what it drops, as long as nobody asked to be told.
await publishWith({
  broker(broker, options) {
    const { publish } = openPublisher(options);
    return { ...broker, publish: (orders) => publish({ ...ordersMessage(orders), mandatory: false }) };
  },
});
