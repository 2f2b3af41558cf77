import type { CtlRecipe } from "./run-ctl.ts";

/** A private broker; `guest` may do everything on its virtual host `/`. */
export type Rabbitmq = {
  readonly url: string;
  readonly recipe: CtlRecipe;
  /** Runs `rabbitmqctl` with these arguments; → what it printed. */
  ctl(...args: string[]): Promise<string>;
  /** Switches its management API on, until it is restarted; → where that listens. */
  enableManagement(): Promise<string>;
  /** Starts it again after `stop` or `kill`, on the same port and files; resolves when it takes connections. */
  start(): Promise<void>;
  /** Ends it in order; its files stay. */
  stop(): Promise<void>;
  /** SIGKILL; its files stay. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  /** Stops it in its tracks, every connection left open. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Ends it and removes its files. What is not removed is, when this process exits. */
  remove(): Promise<void>;
};
