type Completions = (onCompleted: (error: Error | null, words: string[] | undefined) => void) => void;

/** Leaves an empty word to the shell, which names files there, unless a command is due: yargs would list every option. */
export function complete(
  current: string,
  _: unknown,
  completeDefaults: Completions,
  done: (words: string[]) => void,
): void {
  completeDefaults((_error, words = []) => {
    const isOption = words.every((word) => word.startsWith("-"));
    done(current === "" && isOption ? [] : words);
  });
}
