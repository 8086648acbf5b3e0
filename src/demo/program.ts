/** What the demo plays: a recording of a real Falco, and then parts of it again and again. */

/** One line, and how long after the one before it is written; milliseconds. */
export interface Played {
  line: string;
  wait: number;
  /** Whether it is of the recording's first run. */
  isFirstRun: boolean;
}

/** The recording takes half a minute. */
const FIRST_RUN = 40;
/** After it: an event every few seconds, a heartbeat each minute, an attack every few minutes. */
const EVERYDAY = 3000;
const ATTACK = 500;
const EVENTS_PER_HEARTBEAT = 20;
const EVENTS_PER_ATTACK = 60;

/** Where the attack of the recording begins and ends, in milliseconds of its own time: see its README. */
const ATTACK_BEGINS = 12 * 60_000;
const ATTACK_ENDS = ATTACK_BEGINS + 75_000;

const HEARTBEAT = '"rule":"Falco internal: metrics snapshot"';
const TIME = /"time":"([^"]+)"\}$/;

/** Endless. @param lines the recording's */
export function* program(lines: readonly string[]): Generator<Played, never, void> {
  for (const line of lines) yield { line, wait: FIRST_RUN, isFirstRun: true };
  const { everyday, attack, heartbeat } = parts(lines);
  for (let event = 1; ; event++) {
    yield { line: everyday[event % everyday.length]!, wait: EVERYDAY, isFirstRun: false };
    if (event % EVENTS_PER_HEARTBEAT === 0) yield { line: heartbeat, wait: 0, isFirstRun: false };
    if (event % EVENTS_PER_ATTACK !== 0) continue;
    for (const line of attack) yield { line, wait: ATTACK, isFirstRun: false };
  }
}

function parts(lines: readonly string[]): { everyday: string[]; attack: string[]; heartbeat: string } {
  const times = lines.map((line) => Date.parse(TIME.exec(line)?.[1] ?? ''));
  const since = (at: number) => times[at]! - times[0]!;
  const isEvent = (line: string) => line.startsWith('{') && !line.includes(HEARTBEAT);
  return {
    everyday: lines.filter((line) => isEvent(line) && line.includes('"priority":"Informational"')),
    attack: lines.filter(
      (line, at) => isEvent(line) && since(at) >= ATTACK_BEGINS && since(at) < ATTACK_ENDS,
    ),
    // The last one: its totals never fall behind those before it.
    heartbeat: lines.findLast((line) => line.includes(HEARTBEAT))!,
  };
}
