/** What the test runner gives for a file imported as text. */
declare module "*?raw" {
  const text: string;
  export default text;
}
