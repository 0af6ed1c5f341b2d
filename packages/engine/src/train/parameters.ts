/** A tensor that training starts from. */
export interface Parameter {
  readonly shape: readonly number[];
  /** Row-major. */
  readonly initial: Float32Array;
  /** Whether the optimizer moves it; default true. Running statistics are not trainable. */
  readonly trainable?: boolean;
}

/** Parameters in nested plain records and arrays, ordered as they are written. */
export type ParameterTree = Parameter | readonly ParameterTree[] | { readonly [name: string]: ParameterTree };

/** The same tree with another kind of leaf. */
export type TreeOf<T, Leaf> = T extends Parameter ? Leaf : { readonly [K in keyof T]: TreeOf<T[K], Leaf> };

/** A parameter with its path in the tree, such as `encoder.0.weight`. */
export interface NamedParameter {
  readonly name: string;
  readonly parameter: Parameter;
}

export function isParameter(tree: ParameterTree): tree is Parameter {
  return "initial" in tree && tree.initial instanceof Float32Array;
}

const join = (path: string, key: string) => (path === "" ? key : `${path}.${key}`);

/** The parameters of a tree, depth first. */
export function flattenParameters(tree: ParameterTree, path = ""): NamedParameter[] {
  if (isParameter(tree)) return [{ name: path, parameter: tree }];
  return Object.entries(tree).flatMap(([key, child]) => flattenParameters(child, join(path, key)));
}

/** The tree with each parameter replaced, a `TreeOf<T, Leaf>`; `leaf` gets its path. */
export function mapParameters<Leaf>(
  tree: ParameterTree,
  leaf: (parameter: Parameter, name: string) => Leaf,
  path = "",
): unknown {
  if (isParameter(tree)) return leaf(tree, path);
  const children = Object.entries(tree).map(
    ([key, child]) => [key, mapParameters(child, leaf, join(path, key))] as const,
  );
  return Array.isArray(tree) ? children.map(([, child]) => child) : Object.fromEntries(children);
}

/** Where each parameter lies in the two flat vectors of a training program. */
export interface ParameterLayout {
  readonly trainable: readonly PlacedParameter[];
  readonly fixed: readonly PlacedParameter[];
  readonly trainableSize: number;
  readonly fixedSize: number;
}

export interface PlacedParameter extends NamedParameter {
  readonly offset: number;
  readonly size: number;
}

/**
 * Lays a tree out. Throws a `TypeError` naming the parameter when its values do not fill its
 * shape, and a `RangeError` when nothing is trainable.
 */
export function layoutParameters(tree: ParameterTree): ParameterLayout {
  const place = (parameters: readonly NamedParameter[]) => {
    let offset = 0;
    const placed = parameters.map(({ name, parameter }) => {
      const size = parameter.shape.reduce((product, dim) => product * dim, 1);
      if (size !== parameter.initial.length || size === 0) {
        const shape = `[${parameter.shape.join(", ")}]`;
        throw new TypeError(
          `parameter ${name} of shape ${shape} needs ${size} (more than 0) values, got ${parameter.initial.length}`,
        );
      }
      offset += size;
      return { name, parameter, offset: offset - size, size };
    });
    return { placed, size: offset };
  };
  const all = flattenParameters(tree);
  const trainable = place(all.filter(({ parameter }) => parameter.trainable !== false));
  const fixed = place(all.filter(({ parameter }) => parameter.trainable === false));
  if (trainable.size === 0) throw new RangeError("there is no trainable parameter");
  return {
    trainable: trainable.placed,
    fixed: fixed.placed,
    trainableSize: trainable.size,
    fixedSize: fixed.size,
  };
}

/** The initial values of placed parameters as one vector. */
export function initialVector(placed: readonly PlacedParameter[], size: number): Float32Array {
  const vector = new Float32Array(size);
  for (const { parameter, offset } of placed) vector.set(parameter.initial, offset);
  return vector;
}
