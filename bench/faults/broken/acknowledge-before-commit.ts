import { consumeWith } from "./consume-with.ts";

// The delivery is the broker's no more while its orders wait for their commit.
consumeWith({
  deliver: (deliver) => (delivery) => {
    delivery.acknowledge();
    deliver(delivery);
  },
});
