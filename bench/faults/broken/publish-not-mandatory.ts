import { openPublisher, ordersMessage } from "@pedidos/messaging";
import { publishWith } from "./publish-with.ts";

// The broker confirms what it drops, unless the publish is mandatory.
await publishWith({
  broker(broker, options) {
    const { publish } = openPublisher(options);
    return { ...broker, publish: (orders) => publish({ ...ordersMessage(orders), mandatory: false }) };
  },
});
