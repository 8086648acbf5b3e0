/** Labels of `falco_events_total` that the configuration can't give. */
export const EVENT_LABELS = ['rule', 'service', 'priority'] as const;
