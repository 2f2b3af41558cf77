/** → the first row of a statement that answers with one in any case. */
export function firstRow<Row>(rows: readonly Row[]): Row {
  const [row] = rows;
  if (row === undefined) throw new Error("a statement that answers in any case answered with no row");
  return row;
}
