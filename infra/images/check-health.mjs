// The images' health check: node check-health.mjs NAME STANDARD asks this container's process, at the port that the
// variable NAME holds (else STANDARD), whether it is ready; exit code 0 when it is.
const [name, standard] = process.argv.slice(2);
const port = process.env[name] || standard;
try {
  const answer = await fetch(`http://127.0.0.1:${port}/health/ready`, { signal: AbortSignal.timeout(4_000) });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
} catch (error) {
  process.stderr.write(`not ready: ${error.message}\n`);
  process.exitCode = 1;
}
