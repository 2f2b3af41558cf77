import { relayTo } from "./relay-to.ts";

const PROTOCOL_HEADER_BYTES = 8;
/** Type, channel, size; and the octet that ends a frame. */
const [FRAME_HEADER_BYTES, FRAME_END_BYTES] = [7, 1];
const METHOD = 1;
const QUEUE_BIND = [50, 20] as const;

export type BindSwallower = {
  readonly url: string;
  /** How many were swallowed. */
  readonly binds: () => number;
  /** Passes on what was swallowed, and all that follows. */
  readonly thaw: () => void;
  readonly close: () => Promise<void>;
};

/**
 * For tests: a way to a broker of which a node is frozen. There `queue.bind` has no answer, nor has anything that follows on
 * its channel, while all other channels work.
 */
export async function swallowBinds(url: string): Promise<BindSwallower> {
  const held: (() => void)[] = [];
  let [isFrozen, binds] = [true, 0];

  const relay = await relayTo(url, (client, broker) => {
    const stuck = new Set<number>();
    const pass = readFrames((frame, channel) => {
      if (isFrozen && isBind(frame)) {
        binds++;
        stuck.add(channel);
      }
      if (isFrozen && stuck.has(channel)) held.push(() => broker.write(frame));
      else broker.write(frame);
    });
    client.on("data", pass);
  });
  return {
    url: relay.url,
    binds: () => binds,
    thaw() {
      isFrozen = false;
      for (const write of held.splice(0)) write();
    },
    close: relay.close,
  };
}

function isBind(frame: Buffer): boolean {
  const [classId, methodId] = QUEUE_BIND;
  return (
    frame[0] === METHOD &&
    frame.readUInt16BE(FRAME_HEADER_BYTES) === classId &&
    frame.readUInt16BE(FRAME_HEADER_BYTES + 2) === methodId
  );
}

/** Cuts what a client writes into its frames; the protocol's header is the first of them, on channel 0. */
function readFrames(take: (frame: Buffer, channel: number) => void): (piece: Buffer) => void {
  let rest = Buffer.alloc(0);
  let isHeaderRead = false;
  return (piece) => {
    rest = Buffer.concat([rest, piece]);
    if (!isHeaderRead && rest.length >= PROTOCOL_HEADER_BYTES) {
      isHeaderRead = true;
      take(rest.subarray(0, PROTOCOL_HEADER_BYTES), 0);
      rest = rest.subarray(PROTOCOL_HEADER_BYTES);
    }
    while (isHeaderRead && rest.length >= FRAME_HEADER_BYTES) {
      const bytes = FRAME_HEADER_BYTES + rest.readUInt32BE(3) + FRAME_END_BYTES;
      if (rest.length < bytes) return;
      take(rest.subarray(0, bytes), rest.readUInt16BE(1));
      rest = rest.subarray(bytes);
    }
  };
}
