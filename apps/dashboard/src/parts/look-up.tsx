import { useId, useState } from "preact/hooks";
import { usePage } from "../state/page.ts";
import { parseId } from "../state/route.ts";

/** Two fields, each of which leads to what has that id. */
export function LookUp() {
  const { lookUp } = usePage().speech.words;
  return (
    <div class="look-up">
      <IdForm label={lookUp.order} section="orders" />
      <IdForm label={lookUp.customer} section="customers" />
    </div>
  );
}

function IdForm({ label, section }: { readonly label: string; readonly section: "orders" | "customers" }) {
  const { lookUp } = usePage().speech.words;
  const [text, setText] = useState("");
  const [isBad, setIsBad] = useState(false);
  const told = useId();
  const open = (event: Event) => {
    event.preventDefault();
    const id = parseId(text);
    setIsBad(id === undefined);
    if (id !== undefined) location.hash = `#/${section}/${id}`;
  };
  return (
    <form onSubmit={open} noValidate>
      <label class="field">
        <span>{label}</span>
        <input
          inputMode="numeric"
          autocomplete="off"
          value={text}
          aria-invalid={isBad}
          aria-describedby={told}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
      </label>
      <button type="submit">
        {lookUp.open}
        <span class="unseen"> {label}</span>
      </button>
      <p class="trouble" id={told}>
        {isBad ? lookUp.bad : ""}
      </p>
    </form>
  );
}
