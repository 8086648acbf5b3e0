/** Doing an act, and seeing in a container's state whether it was done. */
import type { Container } from '../docker/container.ts';
import type { Engine } from '../docker/engine.ts';
import type { Action } from '../words.ts';

/** @returns a detail for the log and the journal @throws EngineError */
export async function perform(
  engine: Engine,
  action: Action,
  container: Container,
): Promise<string | undefined> {
  const { id, networks } = container;
  switch (action) {
    case 'pause':
      await engine.pause(id);
      return undefined;
    case 'unpause':
      await engine.unpause(id);
      return undefined;
    case 'disconnect':
      for (const network of networks) await engine.disconnect(network.id, id);
      return `from ${networks.map(({ name }) => name).join(', ')}`;
    case 'restart':
      await engine.restart(id);
      return undefined;
    case 'stop':
      await engine.stop(id);
      return undefined;
    case 'evidence':
      return undefined;
  }
}

/** Whether the container is in the state that the act leads to. @param startedAt when it had been started before the act */
export function isDone(action: Action, container: Container, startedAt: string): boolean {
  switch (action) {
    case 'pause':
      return container.paused;
    case 'unpause':
      return !container.paused;
    case 'disconnect':
      return container.networks.length === 0;
    case 'restart':
      return container.running && container.startedAt !== startedAt;
    case 'stop':
      return !container.running;
    case 'evidence':
      return false;
  }
}
