import fc from "fast-check";

/** Tries each property 100 times while one edits, 3000 times in CI; a property that names a number of its own has that. */
fc.configureGlobal({ numRuns: process.env.PROPERTY_RUNS === "long" ? 3_000 : 100 });
