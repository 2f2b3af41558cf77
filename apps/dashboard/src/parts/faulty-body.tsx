import type { Fault } from "@pedidos/contract";
import { formatJson } from "../json/format-json.ts";
import { placeFaults } from "../json/place-faults.ts";
import { usePage } from "../state/page.ts";

type FaultyBodyProps = { readonly body: string; readonly faults: readonly Fault[] };

/** A body as it came, each fault under the line that it is about. */
export function FaultyBody({ body, faults }: FaultyBodyProps) {
  const { speech } = usePage();
  const lines = formatJson(body);
  if (lines === undefined)
    return (
      <>
        <FaultList faults={faults} />
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
        <pre class="body" tabIndex={0}>
          {body}
        </pre>
      </>
    );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <pre class="body" tabIndex={0}>
      {placeFaults(lines, faults).map(({ depth, text, faults: here }, index) => (
        // A line is known by its place alone.
        <span key={index} class={here.length > 0 ? "line faulty" : "line"}>
          {"  ".repeat(depth)}
          {text}
          {"\n"}
          {here.map(({ pointer, detail }) => (
            <strong key={pointer + detail} class="fault">
              {"  ".repeat(depth)}↑ {pointer} {speech.fault(detail)}
              {"\n"}
            </strong>
          ))}
        </span>
      ))}
    </pre>
  );
}

/** Faults with the places they point to. */
export function FaultList({ faults }: { readonly faults: readonly Fault[] }) {
  const { speech } = usePage();
  return (
    <ul class="faults">
      {faults.map(({ pointer, detail }) => (
        <li key={pointer + detail}>
          {pointer !== "" && <code>{pointer}</code>} {speech.fault(detail)}
        </li>
      ))}
    </ul>
  );
}
