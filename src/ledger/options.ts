import type { Config } from '../config/schema.ts';
import type { LedgerOptions } from './ledger.ts';
import { ServiceResolver } from './service.ts';

/** What a configuration says of services. */
export function serviceResolver({ services, service_field }: Config): ServiceResolver {
  const mappings = services.map(({ name, ...kinds }) => ({ service: name, ...kinds }));
  return new ServiceResolver({ mappings, field: service_field });
}

/** What a configuration says of the ledger. */
export function ledgerOptions(config: Config): LedgerOptions {
  return {
    services: serviceResolver(config),
    extraLabels: Object.entries(config.labels).map(([label, filled]) => ({ label, ...filled })),
    seriesLimit: config.series_limit,
    lean: config.metrics.profile === 'lean',
  };
}
