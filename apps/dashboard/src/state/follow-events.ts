import type { OrderRecorded } from "@pedidos/contract";
import { urlOf } from "../api/client.ts";

type Following = {
  readonly onRecorded: (order: OrderRecorded) => void;
  /** Whether what is recorded arrives. */
  readonly onState: (isLive: boolean) => void;
  /** It arrives again: what was recorded meanwhile may have to be asked for. */
  readonly onReopened: () => void;
};

const REOPEN_MS = 3_000;

/**
 * Follows the stream of events. The browser reconnects after a lost connection; but an answer that is no stream, as of a
 * server that is overloaded, it takes for the end, and a new stream has to be opened.
 *
 * @returns ends it
 */
export function followEvents({ onRecorded, onState, onReopened }: Following): () => void {
  let stream: EventSource;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wasOpen = false;
  const open = () => {
    const opened = new EventSource(urlOf("/v1/events"));
    stream = opened;
    opened.addEventListener("open", () => {
      onState(true);
      if (wasOpen) onReopened();
      wasOpen = true;
    });
    opened.addEventListener("order.recorded", ({ data }) => {
      const event: { data: OrderRecorded } = JSON.parse(data);
      onRecorded(event.data);
    });
    opened.addEventListener("error", () => {
      onState(false);
      if (opened.readyState === EventSource.CLOSED) timer = setTimeout(open, REOPEN_MS);
    });
  };
  open();
  return () => {
    clearTimeout(timer);
    stream.close();
  };
}
