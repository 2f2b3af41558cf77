/** What routes are grouped by, in the order of the document. */
export const tags = {
  Orders: "Submit orders, one or many, and read them back.",
  Customers: "Each customer's orders, their count and their exact total.",
  Rejections: "What could not become an order: with its bytes and its faults, to be corrected or discarded.",
  "Dead letters": "Messages that the consumer could not take at all.",
  Operations: "Pause and resume consuming, recount customers, read the audit.",
  Changes: "The feed of all that is recorded and rejected.",
  "Replaced system": "The routes of the system before this one, in its words.",
  Session: "Sign a browser in and out, which can't send a bearer key with every request.",
  Health: "How the process, the database and the broker are.",
} as const;

export type Tag = keyof typeof tags;
