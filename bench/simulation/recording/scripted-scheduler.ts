import type { World } from "./simulated-world.ts";

type Task = { readonly label: string; readonly run: () => void };

/** A scheduler whose caller decides which call comes to its end next. */
export type ScriptedScheduler = World["scheduler"] & {
  /** Labels of the calls that are under way. */
  readonly underWay: () => readonly string[];
  /** Lets the first such call come to its end. → whether there was one */
  readonly run: (matches: (label: string) => boolean) => boolean;
  /** Forgets all calls that are under way: their process has ended. */
  readonly forget: () => void;
};

export function scriptedScheduler(): ScriptedScheduler {
  const tasks: Task[] = [];
  return {
    schedule: (task, label = "") =>
      new Promise((resolve, reject) => tasks.push({ label, run: () => void task.then(resolve, reject) })),
    underWay: () => tasks.map(({ label }) => label),
    run(matches) {
      const index = tasks.findIndex(({ label }) => matches(label));
      const [task] = index === -1 ? [] : tasks.splice(index, 1);
      task?.run();
      return task !== undefined;
    },
    forget: () => void tasks.splice(0),
  };
}
