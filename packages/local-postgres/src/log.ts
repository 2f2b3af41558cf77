type Write = (fields: object, message: string) => void;

/** What is told of a server's life; a pino logger fits. */
export type Log = { readonly info: Write; readonly warn: Write; readonly error: Write };
