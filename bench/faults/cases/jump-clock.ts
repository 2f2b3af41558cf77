/** Loaded into a process before its own code: its clock jumps, every time that it is read, by up to years. */
const JUMPS_MS = [0, 86_400_000, -86_400_000, 400 * 86_400_000, -4_000 * 86_400_000, 3_600_000, -1];
const RealDate = Date;
let readings = 0;
const jumped = () => RealDate.now() + (JUMPS_MS[readings++ % JUMPS_MS.length] ?? 0);

globalThis.Date = new Proxy(RealDate, {
  construct: (target, given, newTarget) =>
    Reflect.construct(target, given.length === 0 ? [jumped()] : given, newTarget),
  apply: () => new RealDate(jumped()).toString(),
  get: (target, key) => (key === "now" ? jumped : Reflect.get(target, key)),
});
