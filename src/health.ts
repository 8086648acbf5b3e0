/**
 * `health`: asks /healthz of the exporter that runs with the same configuration, for health checks in images without a
 * shell and curl.
 */
import { request as requestHttp } from 'node:http';
import { reachable, routePrefix, type Web } from './config/address.ts';
import { ExporterError, systemCode, systemReason } from './errors.ts';
import { ALIVE, PATIENCE } from './plain-health.ts';

/** @throws WEB_NO_ANSWER: nobody listens, or who listens does not answer as the exporter does */
export async function health(web: Web): Promise<void> {
  const { host, port } = web.listen_address[0]!;
  if (port === 0) throw noAnswer('port 0 is another one at each start: health needs a fixed one');
  const options = { host: reachable(host), port, path: `${routePrefix(web)}/healthz`, timeout: PATIENCE };
  try {
    await asked(requestHttp(options)).catch(async (error: unknown) => {
      if (systemCode(error) !== 'ECONNRESET') throw error;
      // TLS hangs up on plain HTTP. Its certificate is for others: the address says whom we ask.
      const { request: requestHttps } = await import('node:https');
      return asked(requestHttps({ ...options, rejectUnauthorized: false }));
    });
  } catch (error) {
    throw error instanceof ExporterError
      ? error
      : noAnswer(`${options.host}:${port}: ${systemReason(error)}`, error);
  }
}

/** Resolves where a living exporter is at the other end. */
async function asked(request: ReturnType<typeof requestHttp>): Promise<void> {
  const status = await new Promise<number>((resolve, reject) => {
    let shookHands = false;
    request.on('socket', (socket) => socket.once('secureConnect', () => (shookHands = true)));
    request.on('response', (response) => {
      response.resume();
      resolve(response.statusCode!);
    });
    request.on('timeout', () => request.destroy(noAnswer(`no answer in ${PATIENCE} ms`)));
    request.on('error', (error) => {
      // Who hangs up because we have no client certificate lives, and has asked for one.
      const wantsCertificate = shookHands || /alert/i.test(`${systemCode(error)} ${error.message}`);
      if (wantsCertificate && !(error instanceof ExporterError)) resolve(401);
      else reject(error);
    });
    request.end();
  });
  if (!ALIVE.has(status)) throw noAnswer(`${request.path} answered ${status}`);
}

function noAnswer(what: string, cause?: unknown): ExporterError {
  return new ExporterError('WEB_NO_ANSWER', what, {
    advice: 'Give health the flags, environment and configuration that the exporter was started with.',
    cause,
  });
}
