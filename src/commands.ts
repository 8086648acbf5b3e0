/** What all commands but `health` run, in one file: each further file makes a start longer. */

export { serve } from './app/serve.ts';
export { countFiles, isWithoutEvents } from './count/count.ts';
export { parseRange } from './count/range.ts';
export { complaints, report } from './count/report.ts';
export { catalogueRules, catalogueText } from './metrics/catalogue.ts';
export { findNoise } from './noise/noise.ts';
export { noiseReport } from './noise/report.ts';
export { loadCatalogue } from './rules/catalogue.ts';
export { checkRules } from './rules/checking/check.ts';
export { formatReportJson, formatReportText } from './rules/checking/report.ts';
export { listNames } from './rules/load.ts';
export { loadWebConfig } from './web/web-config/web-config.ts';
