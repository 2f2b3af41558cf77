// pnpm runs a script in the folder of its package.json; paths are meant from where the person stands.
process.chdir(process.env.INIT_CWD ?? ".");
await import("./main.ts");
