import { reasons, sources } from "@pedidos/domain";
import { choice, ID, INSTANT } from "../server/read-parameters.ts";

/** Which rejections, beside their status. */
export const REJECTION_FILTER = {
  reason: choice(reasons, "Only those of this reason."),
  source: choice(sources, "Only those that came by this."),
  orderId: { ...ID, description: "Only those whose bytes name this order." },
  from: { ...INSTANT, description: "First seen at this time or later." },
  to: { ...INSTANT, description: "First seen before this time." },
};
