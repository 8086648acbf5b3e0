/**
 * In place of what libraries load whatever is asked of them, and never use here:
 *
 * - body-parser: bodies are read by ourselves, and express.json and the like are not there;
 * - qs: no query is parsed (`query parser` is disabled);
 * - @opentelemetry/api: prom-client asks it for the trace of an exemplar, and there are no exemplars.
 */
module.exports = {};
