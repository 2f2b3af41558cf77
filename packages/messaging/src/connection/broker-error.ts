/** The codes by which a broker refuses a call and closes its channel. */
export const replyCodes = {
  accessRefused: 403,
  notFound: 404,
  /** Another connection uses it exclusively. */
  resourceLocked: 405,
  preconditionFailed: 406,
} as const;

/** The broker's reply code of an error that closed a channel. */
export function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

/** → a handler of rejections: `value` if the broker refused the call with one of `codes`. It throws any other error. */
export function ifRefused<Value>(codes: readonly unknown[], value: Value): (error: unknown) => Value {
  return (error) => {
    if (codes.includes(codeOf(error))) return value;
    throw error;
  };
}

/** An error in one line. Node's errors of a host with several addresses have a code but no message. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.message !== "") return error.message;
  return "code" in error ? String(error.code) : error.name;
}
