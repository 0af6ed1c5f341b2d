import type { Tensor } from "@surprisal/engine";
import type { z } from "zod";
import type { DeepGraph, DeepModel, RowShape } from "./deep.js";
import { defineDetector } from "./define.js";
import type { ElementType } from "./samples.js";
import type { Detector, DetectorDefinition, FitContext, Learned, PreparedData } from "./types.js";

type Float = Tensor<"float32">;

/** The scores of a member, and which of them decides. */
export interface MemberScores extends DeepGraph {
  readonly score: string;
}

/**
 * A deep detector by how one member of it is trained and what it says of prepared rows. Where a member
 * is trained by gradient steps on one loss, `defineDeepDetector` makes this of a model.
 */
export interface MemberDefinition<Options, State>
  extends Omit<DetectorDefinition<Options, State>, "options" | "graph"> {
  readonly graph: (x: Float, state: State, options: Options) => MemberScores;
  /**
   * Number of parameters of dense networks, infinite for convolutions: what decides how an ensemble
   * trains its members.
   */
  readonly size: (row: RowShape, options: Options) => number;
  /** The model behind, where there is one. */
  readonly model?: (row: RowShape, options: Options) => DeepModel;
  /** A member before training: what scores it will have. */
  readonly untrained: (row: RowShape, options: Options) => State;
  /** Trains one member for each seed, all in one program, where the options allow it. */
  readonly fitTogether?: (
    data: PreparedData,
    options: Options,
    context: FitContext,
    seeds: readonly number[],
  ) => Promise<readonly Learned<State>[]>;
  /** Whether they do. */
  readonly isStackable?: (row: RowShape, options: Options) => boolean;
}

/** How an ensemble gets at the members of an unfitted detector, whose options are bound. */
export interface DeepRecipe<State = unknown> {
  readonly supervised: boolean;
  readonly prepare: (
    kind: "table" | "array",
    dtype: ElementType,
  ) => ReturnType<DetectorDefinition<unknown, never>["prepare"]>;
  /** Trains one member; its randomness comes from the context's seed. */
  readonly fit: (data: PreparedData, context: FitContext) => Promise<Learned<State>>;
  readonly graph: (x: Float, state: State) => MemberScores;
  readonly size: (row: RowShape) => number;
  readonly untrained: (row: RowShape) => State;
  readonly model?: (row: RowShape) => DeepModel;
  readonly isStackable: (row: RowShape) => boolean;
  /** Trains one member for each seed in one program; absent where that is never possible. */
  readonly fitTogether?: (
    data: PreparedData,
    context: FitContext,
    seeds: readonly number[],
  ) => Promise<readonly Learned<State>[]>;
}

/** An unfitted detector of one deep model. */
export interface DeepDetector extends Detector {
  readonly deep: DeepRecipe;
}

/**
 * Makes a detector of one member. What it makes also has `deep`, from which an ensemble trains several.
 */
export function defineMemberDetector<Shape extends z.ZodRawShape, State>(
  definition: MemberDefinition<z.output<z.ZodObject<Shape>>, State> & {
    readonly options: z.ZodObject<Shape>;
  },
) {
  const factory = defineDetector<Shape, State>({
    ...definition,
    graph: (x, state, options) => {
      const graph = definition.graph(x as Float, state, options);
      const { scores, score, code, contributions, reconstruction, elementsPerRow } = graph;
      return {
        score: scores[score]!,
        outputs: { ...scores, ...(code && { code }), ...graph.outputs },
        elementsPerRow,
        ...(contributions && { contributions }),
        ...(reconstruction && { reconstruction }),
      };
    },
  });
  type Input = NonNullable<Parameters<typeof factory>[0]>;
  const create = (given?: Input): DeepDetector => {
    const detector = factory(given);
    const options = detector.options as z.output<z.ZodObject<Shape>>;
    const { fitTogether, isStackable, model } = definition;
    return {
      ...detector,
      deep: {
        supervised: definition.supervised ?? false,
        prepare: (kind, dtype) => definition.prepare(options, kind, dtype),
        fit: (data, context) => definition.fit(data, options, context),
        graph: (x, state) => definition.graph(x, state as State, options),
        size: (row) => definition.size(row, options),
        untrained: (row) => definition.untrained(row, options),
        isStackable: (row) => isStackable?.(row, options) ?? false,
        ...(model && { model: (row: RowShape) => model(row, options) }),
        ...(fitTogether && {
          fitTogether: (data, context, seeds) => fitTogether(data, options, context, seeds),
        }),
      },
    };
  };
  const { detectorName, title, summary, optionsSchema } = factory;
  return Object.assign(create, { detectorName, title, summary, optionsSchema });
}
