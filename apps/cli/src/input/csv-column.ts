/** The fields of an order as columns of CSV: a row an item. */
export const csvColumns = ["orderId", "customerId", "placedAt", "product", "quantity", "unitPrice"] as const;
export type CsvColumn = (typeof csvColumns)[number];

export const isCsvColumn = (name: string): name is CsvColumn => csvColumns.some((column) => column === name);
