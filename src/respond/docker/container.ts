/** What the engine says of containers, checked: names, labels and networks are others' text. */
import * as z from 'zod';
import { EngineError } from './request.ts';

const id = z.string().regex(/^[0-9a-f]{64}$/);
/** As the engine checks it, too. */
const NAME = /^\/?([a-zA-Z0-9][a-zA-Z0-9_.-]{0,254})$/;

const listed = z.array(
  z.object({ Id: id, Names: z.array(z.string()).nullish(), Created: z.number().nullish() }),
);

const inspected = z.object({
  Id: id,
  Name: z.string(),
  Created: z.string(),
  State: z.object({
    Running: z.boolean(),
    Paused: z.boolean(),
    Restarting: z.boolean().nullish(),
    StartedAt: z.string(),
  }),
  Config: z.object({ Image: z.string(), Labels: z.record(z.string(), z.string()).nullish() }),
  NetworkSettings: z
    .object({ Networks: z.record(z.string(), z.object({ NetworkID: z.string().nullish() })).nullish() })
    .nullish(),
});

/** One of the list. */
export interface Listed {
  id: string;
  names: string[];
}

export interface Container {
  id: string;
  name: string;
  image: string;
  labels: Record<string, string>;
  /** Milliseconds since the epoch. */
  created: number;
  running: boolean;
  paused: boolean;
  /** Changes with each start; as the engine writes it. */
  startedAt: string;
  networks: { name: string; id: string }[];
}

/** @throws EngineError where it is no list of containers */
export function parseList(body: Buffer): Listed[] {
  return parsed(listed, body).map(({ Id, Names }) => ({
    id: Id,
    names: (Names ?? []).map((name) => NAME.exec(name)?.[1]).filter((name) => name !== undefined),
  }));
}

/** @throws EngineError where it is no container, or another one than was asked for */
export function parseContainer(body: Buffer, wanted: string): Container {
  const { Id, Name, Created, State, Config, NetworkSettings } = parsed(inspected, body);
  if (Id !== wanted) throw new EngineError('refused', 'the engine tells of another container');
  return {
    id: Id,
    name: NAME.exec(Name)?.[1] ?? '',
    image: Config.Image,
    labels: Config.Labels ?? {},
    created: Date.parse(Created),
    running: State.Running,
    paused: State.Paused,
    startedAt: State.StartedAt,
    networks: Object.entries(NetworkSettings?.Networks ?? {}).map(([name, { NetworkID }]) => ({
      name,
      id: NetworkID ?? '',
    })),
  };
}

function parsed<T extends z.ZodType>(schema: T, body: Buffer): z.output<T> {
  try {
    return schema.parse(JSON.parse(body.toString()));
  } catch (error) {
    if (error instanceof EngineError) throw error;
    throw new EngineError('refused', 'an answer of the engine is not what was expected', 502);
  }
}
