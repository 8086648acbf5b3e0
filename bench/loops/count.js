/** What every loop does with a line: JSON.parse, and one more in a Map. Prints the counts when there are enough. */
const counts = new Map();
let events = 0;

/** @param {string} line as it stands in the file */
export function count(line) {
  let event;
  if (line.startsWith('{"log":"')) event = JSON.parse(JSON.parse(line).log);
  else event = JSON.parse(line[0] === '{' ? line : line.slice(line.indexOf('{')));
  const service = event.output_fields?.['container.name'] ?? 'unknown';
  const key = `${event.rule}\0${event.priority}\0${service}`;
  counts.set(key, (counts.get(key) ?? 0) + 1);
  if (++events === Number(process.argv[3])) done();
}

/** Says that all is counted, and stays to be measured. */
function done() {
  process.stdout.write(`${JSON.stringify([...counts])}\n`);
  setInterval(() => undefined, 1000);
}
