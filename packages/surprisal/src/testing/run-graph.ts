import { emitModel, type HostTensor, type Tensor } from "@surprisal/engine";
import { openSession } from "@surprisal/engine/runtime";

/** Values of expressions by name, emitted as one model and run once. For tests. */
export async function runGraph<Name extends string>(
  outputs: Readonly<Record<Name, Tensor>>,
  feeds: Readonly<Record<string, HostTensor>>,
): Promise<Record<Name, HostTensor>> {
  await using session = await openSession(emitModel({ outputs }));
  return (await session.run(feeds)) as Record<Name, HostTensor>;
}
