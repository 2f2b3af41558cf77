/** A connection ended, or gave no answer in time, while a statement was under way: what became of that is not known. */
export class LostConnection extends Error {
  override readonly name = "LostConnection";
}

/** The database can't be used now, and nothing was tried. */
export class DatabaseUnavailable extends Error {
  override readonly name = "DatabaseUnavailable";
}
