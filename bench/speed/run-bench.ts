import type { Bench, Section } from "./bench.ts";
import { describeMachine, loadNow, type Machine } from "./describe-machine.ts";
import type { Figure } from "./figures.ts";
import type { Form } from "./forms.ts";
import { accepting } from "./measure-accepting.ts";
import { batchRoute } from "./measure-batch-route.ts";
import { bundles } from "./measure-bundles.ts";
import { bytes } from "./measure-bytes.ts";
import { draining } from "./measure-draining.ts";
import { latency } from "./measure-latency.ts";
import { memory } from "./measure-memory.ts";
import { reads } from "./measure-reads.ts";
import { standalone } from "./measure-standalone.ts";
import { starting } from "./measure-starting.ts";
import { twoConsumers } from "./measure-two-consumers.ts";
import { waiting } from "./measure-waiting.ts";
import { wholePath } from "./measure-whole-path.ts";
import { openBroker } from "./open-broker.ts";
import { openTestbed } from "./open-testbed.ts";
import { summarize } from "./write-table.ts";

const SECTIONS: readonly Section[] = [
  bundles,
  starting,
  accepting,
  wholePath,
  draining,
  batchRoute,
  standalone,
  waiting,
  latency,
  bytes,
  twoConsumers,
  reads,
  memory,
];

export type BenchRun = { readonly machine: Machine; readonly figures: readonly Figure[] };

/** Runs the sections of a form, or those that are named, on servers of its own. */
export async function runBench(form: Form, only: string, log: (what: string) => void): Promise<BenchRun> {
  const loadBefore = loadNow();
  const wanted = (only || form.sections).split(",");
  const sections = SECTIONS.filter(({ name }) => wanted.includes("all") || wanted.includes(name));
  log("starting PostgreSQL and RabbitMQ");
  const testbed = await openTestbed();
  try {
    const broker = await openBroker(testbed.rabbitmq.url);
    const bench: Bench = { form, testbed, broker, log };
    const machine = await describeMachine(testbed, loadBefore);
    const figures: Figure[] = [];
    for (const section of sections) {
      const found = await section.measure(bench);
      for (const figure of found) log(`${figure.name}: ${summarize(figure)}`);
      figures.push(...found);
    }
    await broker.close();
    return { machine, figures };
  } finally {
    await testbed.remove();
  }
}
