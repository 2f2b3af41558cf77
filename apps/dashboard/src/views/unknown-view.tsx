import { useWords } from "../state/page.ts";

/** An address that names nothing. */
export function UnknownView() {
  const { unknownPlace: words } = useWords();
  return (
    <>
      <h1>{words.title}</h1>
      <p class="lead">{words.hint}</p>
      <p>
        <a href="#/">{words.home}</a>
      </p>
    </>
  );
}
