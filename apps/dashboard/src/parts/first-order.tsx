import type { SubmittedOrder } from "@pedidos/contract";
import { useState } from "preact/hooks";
import { change, type Problem, urlOf } from "../api/client.ts";
import { problemOf } from "../state/keep-asking.ts";
import { usePage } from "../state/page.ts";
import { Trouble } from "./trouble.tsx";

const ORDER = {
  orderId: 1001,
  customerId: 1,
  items: [
    { product: "lápis", quantity: 100, unitPrice: "1.10" },
    { product: "caderno", quantity: 10, unitPrice: "1.00" },
  ],
};

/** An empty system: the line that sends an order, and a button that does the same. */
export function FirstOrder() {
  const { speech, session } = usePage();
  const { first, copy, copied } = speech.words;
  const [said, setSaid] = useState("");
  const [problem, setProblem] = useState<Problem>();
  const [isCopied, setIsCopied] = useState(false);
  const key = session.name === null ? "" : " \\\n  -H 'authorization: Bearer YOUR-KEY'";
  const line = `curl -i ${new URL(urlOf("/v1/orders"), location.href)} \\\n  -H 'content-type: application/json'${key} -d '
  { "orderId": 1001, "customerId": 1,
    "items": [ { "product": "lápis", "quantity": 100, "unitPrice": "1.10" },
               { "product": "caderno", "quantity": 10, "unitPrice": "1.00" } ] }'`;
  const send = async () => {
    setProblem(undefined);
    try {
      const sent = await change<SubmittedOrder>("/v1/orders", {
        method: "POST",
        body: JSON.stringify(ORDER),
        prefer: "wait=10",
      });
      if (sent === null) return;
      const id = speech.id(sent.orderId);
      setSaid(sent.status === "recorded" ? first.sent(id, speech.money(sent.total)) : first.accepted(id));
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  return (
    <section class="first" aria-labelledby="first-title">
      <h2 id="first-title">{first.title}</h2>
      <p>{first.hint}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>
        <code>{line}</code>
      </pre>
      <p class="actions">
        <button type="button" class="primary" onClick={send}>
          {first.send}
        </button>
        <button
          type="button"
          class="quiet"
          onClick={() => void navigator.clipboard?.writeText(line).then(() => setIsCopied(true))}
        >
          {isCopied ? copied : copy}
        </button>
      </p>
      <p role="status">{said}</p>
      <Trouble problem={problem} isAction />
    </section>
  );
}
