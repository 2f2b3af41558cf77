/** A run of `bench/models/quarantine.pml`: of one consumer, a killer (message 0) and a bystander (message 1). */
export type Trace = {
  /** The model's setting and the seed. */
  readonly heading: string;
  readonly lines: readonly string[];
  readonly killsDatabase: boolean;
  readonly steps: readonly Step[];
};

/** A step of the model, and the state that it leaves; by message. */
export type Step = {
  readonly name: string;
  /** The message that it is about; 2: neither. */
  readonly message: number;
  readonly at: readonly string[];
  readonly tries: readonly number[];
  readonly suspect: readonly boolean[];
  /** Whether a call that records it is under way. */
  readonly isTried: readonly boolean[];
  /** Whether recording stands still: an outage. */
  readonly isHeld: boolean;
  /** How often the killer has ended what tried it. */
  readonly kills: number;
};

/** Traces as `bench/models/record-traces.mjs` writes them: a heading, then a step a line. */
export function readTraces(text: string): Trace[] {
  return text
    .split("# ")
    .slice(1)
    .map((trace) => {
      const [heading = "", ...lines] = trace.trim().split("\n");
      return { heading, lines, killsDatabase: heading.includes("KILLS_DATABASE"), steps: lines.map(readStep) };
    });
}

function readStep(line: string): Step {
  const [
    name = "",
    message,
    at0 = "",
    at1 = "",
    tries0,
    tries1,
    suspect0,
    suspect1,
    doing0 = "",
    doing1 = "",
    held,
    kills,
  ] = line.split(" ");
  const isTried = (doing: string) => doing === "TOGETHER" || doing === "ALONE";
  return {
    name,
    message: Number(message),
    at: [at0, at1],
    tries: [Number(tries0), Number(tries1)],
    suspect: [suspect0 === "1", suspect1 === "1"],
    isTried: [isTried(doing0), isTried(doing1)],
    isHeld: held === "1",
    kills: Number(kills),
  };
}
