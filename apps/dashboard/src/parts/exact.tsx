/** Longer figures are set smaller, so that they fit on a phone. */
const LONG = 18;

/** A number that never breaks across lines, however many digits it has. */
export function Exact({ children }: { readonly children: string }) {
  return <span class={children.length > LONG ? "exact long" : "exact"}>{children}</span>;
}
