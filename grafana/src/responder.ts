/** The row "Responder": what it did, what it may still do, and how full its evidence is. */
import { bars, lines } from './panels.ts';
import { RESPONDER } from './shared.ts';

const NO_RESPONDER = 'no data: the profile respond does not run';
const size = { height: 8, width: 8 };

export const responder = [
  bars(
    {
      ...size,
      title: 'Acts and evidence',
      description: 'What was done to containers, or was to be done, by what came of it.',
      unit: 'short',
      empty: NO_RESPONDER,
    },
    [
      {
        // Those that never came are left out.
        expr: `sum by (action, outcome) (increase(falco_responder_actions_total{${RESPONDER}}[$__rate_interval])) and sum by (action, outcome) (max_over_time(falco_responder_actions_total{${RESPONDER}}[$__range])) > 0`,
        legend: '{{action}} {{outcome}}',
      },
    ],
  ),
  lines(
    {
      ...size,
      title: 'Budget left, and acts that wait',
      description: 'Acts that the policy alone may still do now, and those that wait for a person.',
      unit: 'short',
      empty: NO_RESPONDER,
    },
    [
      { expr: `falco_responder_budget_remaining{${RESPONDER}}`, legend: '{{instance}} budget left' },
      {
        expr: `falco_responder_pending_approvals{${RESPONDER}}`,
        legend: '{{instance}} waiting for a person',
      },
    ],
  ),
  lines(
    {
      ...size,
      title: 'Room for evidence, used',
      description: 'Bytes of evidence, as a part of evidence.max_bytes. Nothing old is deleted.',
      unit: 'percentunit',
      empty: NO_RESPONDER,
    },
    [
      {
        expr: `falco_responder_evidence_bytes{${RESPONDER}} / falco_responder_evidence_limit_bytes{${RESPONDER}}`,
        legend: '{{instance}}',
      },
    ],
  ).axisSoftMax(1),
];
