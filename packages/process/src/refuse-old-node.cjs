// Runs on any Node, before code that an old Node can't parse: the bundles begin with it, and `node --require` loads it
// before the sources. So it is neither TypeScript nor a module.
const needed = [22, 18];
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < needed[0] || (major === needed[0] && minor < needed[1])) {
  process.stderr.write(
    `Pedidos needs Node ${needed.join(".")} or newer; this is Node ${process.versions.node} (${process.execPath}).\n`,
  );
  // The exit code of bad settings: a restart won't help.
  process.exit(78);
}
