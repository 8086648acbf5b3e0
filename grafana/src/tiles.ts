/** The first row of "Falco exporter": each tile is green, or says what is wrong. */
import { stat } from './panels.ts';
import { CALM, NO_EXPORTER, quantile, TARGET } from './shared.ts';
import { countingState } from './state.ts';

const GOOD = 'semi-dark-green';
const BAD = 'semi-dark-red';
const DOUBTFUL = 'semi-dark-orange';

const total = (counter: string): string => `round(sum(increase(${counter}[$__range])))`;
const tile = { height: 4, width: 3 };
const SERIES = `max(falco_exporter_series{${TARGET}} / falco_exporter_series_limit{${TARGET}})`;
/** The tiles at the top of "Falco exporter". */
export const atOnce = [
  countingState(3, 4, `/d/falco-events?\${__url_time_range}`),
  stat(
    {
      ...tile,
      title: 'Unread',
      description:
        'Bytes of the inputs that are written and not yet counted, now, of the exporter furthest behind.',
      unit: 'bytes',
      empty: NO_EXPORTER,
    },
    [{ expr: `max(falco_exporter_lag_bytes{${TARGET}})` }],
    [
      [null, CALM],
      [0, GOOD],
      [1048576, DOUBTFUL],
    ],
  ),
  stat(
    {
      ...tile,
      title: 'Delay, p99',
      description: 'Time from an event to its count, for 99 of 100 events of the range.',
      unit: 's',
      empty: 'no events',
    },
    [{ expr: quantile(0.99, '$__range') }],
    [
      [null, CALM],
      [0, GOOD],
      [10, DOUBTFUL],
      [60, BAD],
    ],
  ),
  stat(
    {
      ...tile,
      title: 'Gaps',
      description: 'Places in the inputs, in the range, where bytes may have been lost.',
      unit: 'short',
      empty: NO_EXPORTER,
    },
    [{ expr: total(`falco_exporter_gaps_total{${TARGET}}`) }],
    [
      [null, CALM],
      [0, GOOD],
      [1, BAD],
    ],
  ),
  stat(
    {
      ...tile,
      title: 'Unreadable lines',
      description: 'Malformed and oversized lines in the range: each may have been an event.',
      unit: 'short',
      empty: NO_EXPORTER,
    },
    [{ expr: total(`falco_exporter_lines_total{${TARGET},outcome=~"malformed|oversized"}`) }],
    [
      [null, CALM],
      [0, GOOD],
      [1, DOUBTFUL],
    ],
  ),
  stat(
    {
      ...tile,
      title: 'Series used',
      description:
        'Of the limit. Beyond it, new combinations of rule, service and priority go to __overflow__.',
      unit: 'percentunit',
      empty: NO_EXPORTER,
    },
    [{ expr: SERIES }],
    [
      [null, CALM],
      [0, GOOD],
      [0.8, DOUBTFUL],
      [1, BAD],
    ],
  ),
  stat(
    {
      ...tile,
      title: 'Snapshot failures',
      description: 'Snapshots in the range that could not be written.',
      unit: 'short',
      empty: NO_EXPORTER,
    },
    [{ expr: total(`falco_exporter_snapshot_errors_total{${TARGET}}`) }],
    [
      [null, CALM],
      [0, GOOD],
      [1, BAD],
    ],
  ),
  stat(
    {
      ...tile,
      title: "Falco's drops",
      description:
        'System calls in the range that Falco says it could not look at (its internal drop events).',
      unit: 'short',
      empty: NO_EXPORTER,
    },
    [{ expr: total(`falco_syscall_events_dropped_total{${TARGET}}`) }],
    [
      [null, CALM],
      [0, GOOD],
      [1, DOUBTFUL],
    ],
  ),
];
