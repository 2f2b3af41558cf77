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

/** Name and message, then by message: place, tries, suspicion, what is done with it; then outage and kills. */
function readStep(line: string): Step {
  const words = line.split(" ");
  return {
    name: words[0] ?? "",
    message: Number(words[1]),
    at: words.slice(2, 4),
    tries: words.slice(4, 6).map(Number),
    suspect: words.slice(6, 8).map((flag) => flag === "1"),
    isTried: words.slice(8, 10).map((doing) => doing === "TOGETHER" || doing === "ALONE"),
    isHeld: words[10] === "1",
    kills: Number(words[11]),
  };
}
