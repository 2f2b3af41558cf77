import { consumeWith } from "../broken/consume-with.ts";
import { endAtKiller } from "./end-at-killer.ts";

consumeWith({ store: endAtKiller });
