import type { Figure } from "./figures.ts";
import type { Form } from "./forms.ts";
import type { Broker } from "./open-broker.ts";
import type { Testbed } from "./open-testbed.ts";

/** What a section of the benchmark is given. */
export type Bench = {
  readonly form: Form;
  readonly testbed: Testbed;
  readonly broker: Broker;
  /** Reports how far it has got. */
  readonly log: (what: string) => void;
};

export type Section = {
  readonly name: string;
  readonly measure: (bench: Bench) => Promise<Figure[]>;
};

/** Runs a round as often as the form asks for; the results of each round stand at its position. */
export async function inRounds<Result>(
  { form, log }: Bench,
  what: string,
  round: () => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let number = 1; number <= form.rounds; number++) {
    log(`${what}, ${number} of ${form.rounds}`);
    results.push(await round());
  }
  return results;
}
