// Any Node can run this before what it could not even parse: it stands in front of the bundles, and `node --require` runs
// it in front of the sources. That is why it is neither TypeScript nor a module.
const needed = [22, 18];
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < needed[0] || (major === needed[0] && minor < needed[1])) {
  process.stderr.write(
    `Pedidos needs Node ${needed.join(".")} or newer; this is Node ${process.versions.node} (${process.execPath}).\n`,
  );
  // As bad settings do: to start again does not help.
  process.exit(78);
}
