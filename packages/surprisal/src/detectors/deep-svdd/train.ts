import {
  adam,
  add,
  greater,
  mean,
  type Parameter,
  randomStream,
  type Schedule,
  sgd,
  sqrt,
  square,
  type Tensor,
  type TrainedParameter,
  train,
  where,
} from "@surprisal/engine";
import type { DeepTraining, FitContext, Learned, PreparedData } from "../../detector/index.js";
import { planTraining, trainedConstants } from "../../detector/train-deep.js";
import { SurprisalError } from "../../errors.js";
import {
  batchQuantile,
  type EvaluateOptions,
  evaluateRows,
  parameterCount,
  untrained,
} from "../../networks/index.js";
import { quantile } from "../../thresholds/index.js";
import { encode, encoderParameters, type SvddEncoder } from "./body.js";
import { type ContrastRange, globalContrast } from "./contrast.js";
import { decode, decoderParameters, type SvddDecoder } from "./decoder.js";
import {
  byBatch,
  centreOf,
  elementsPerRow,
  outputSpread,
  outputsOf,
  reconstructionLoss,
  type SvddNetwork,
  seen,
  softBoundaryLoss,
  squaredDistance,
} from "./model.js";
import type { DeepSvddOptions } from "./options.js";

type Float = Tensor<"float32">;

/** What fitting learned: plain data. */
export interface DeepSvddState {
  readonly network: SvddNetwork;
  readonly encoder: SvddEncoder<TrainedParameter>;
  /** Where images are brought to one contrast. */
  readonly range?: ContrastRange;
  readonly centre: Float32Array;
  readonly radius: number;
  /** The network before its outputs moved towards the centre, where it is kept. */
  readonly pretrained?: SvddEncoder<TrainedParameter>;
}

/** The compiler cannot follow trees of any depth, so it is told of one without branches. */
type Tree = Readonly<Record<string, Parameter>>;

/** A phase of training: how long, how fast, and its part of the whole for those who watch. */
interface Phase {
  readonly name: string;
  readonly epochs: number | undefined;
  readonly weightDecay: number;
  /** Parts of the whole that are done when it begins and when it ends. */
  readonly from: number;
  readonly to: number;
}

/** The learning rate, a tenth of it after each milestone; without milestones after a third of the steps. */
function courseOf(rate: number, milestones: readonly number[] | undefined, stepsPerEpoch: number): Schedule {
  return (step, total) => {
    const passed = milestones
      ? milestones.filter((epoch) => step >= epoch * stepsPerEpoch).length
      : Number(step >= total / 3);
    return rate * 0.1 ** passed;
  };
}

function planPhase(
  { network: { body }, options }: Setting,
  { epochs, weightDecay, from, to, name }: Phase,
  prepared: PreparedData,
  context: FitContext,
) {
  const { batchSize, milestones } = options;
  const rate = options.learningRate ?? (body.kind === "dense" ? 1e-3 : 1e-4);
  const stepsPerEpoch = Math.ceil((prepared.shape[0] ?? 0) / batchSize);
  const training: DeepTraining = {
    optimizer: adam({ learningRate: courseOf(rate, milestones, stepsPerEpoch), weightDecay }),
    batchSize,
    ...(epochs !== undefined && { epochs }),
    patience: 0,
    validation: 0,
  };
  // A checkpoint is of the last phase; what comes before it is done again, with the same result.
  const { checkpoint: _, resume: __, ...others } = context;
  return planTraining("deep-svdd", training, prepared, {
    ...(name === "pretraining" ? others : context),
    onProgress: (progress) =>
      context.onProgress({ ...progress, fraction: from + (to - from) * progress.fraction }),
  });
}

interface Setting {
  readonly network: SvddNetwork;
  readonly options: DeepSvddOptions;
  readonly range: ContrastRange | undefined;
}

interface Encoded {
  readonly encoder: SvddEncoder<Parameter>;
  /** Of the first and of the last epoch of pretraining, where there was one. */
  readonly losses?: readonly [number, number];
}

/** Trained values as the parameters that a further run starts from. */
function asParameters(
  initial: SvddEncoder<Parameter>,
  trained: SvddEncoder<TrainedParameter>,
): SvddEncoder<Parameter> {
  const take = (parameter: Parameter, { data }: TrainedParameter): Parameter => ({
    ...parameter,
    initial: data,
  });
  return {
    convolutions: initial.convolutions.map(({ kernel, norm }, i) => {
      const found = trained.convolutions[i]!;
      return {
        kernel: take(kernel, found.kernel),
        norm: { mean: take(norm.mean, found.norm.mean), variance: take(norm.variance, found.norm.variance) },
      };
    }),
    dense: initial.dense.map(({ weight }, i) => ({ weight: take(weight, trained.dense[i]!.weight) })),
  };
}

/** Steps in which running statistics forget what they started from. */
const STATISTICS_STEPS = 50;

/** The encoder of an autoencoder of the rows; without pretraining, the initial one with statistics of the rows. */
async function pretrain(setting: Setting, prepared: PreparedData, context: FitContext): Promise<Encoded> {
  const { network, options, range } = setting;
  const { body } = network;
  const encoder = encoderParameters(body, randomStream(context.seed, "parameters"));
  const epochs = options.pretrainingEpochs;
  const phase = {
    name: "pretraining",
    epochs,
    weightDecay: options.pretrainingWeightDecay,
    from: 0,
    to: 0.5,
  };
  if (epochs === 0) {
    if (body.kind === "dense") return { encoder };
    const { epochs: _, ...plan } = planPhase(
      setting,
      { ...phase, epochs: 1, to: 0 },
      prepared,
      context,
    ).options;
    const result = await train(
      {
        parameters: encoder as unknown as Tree,
        data: { x: { data: prepared.data as Float32Array, shape: prepared.shape } },
        loss: ({ parameters, batch }) => {
          const { normalize, state } = byBatch();
          const z = encode(
            parameters as unknown as SvddEncoder<Float>,
            body,
            seen(batch.x, range),
            normalize,
          );
          return { loss: mean(square(z)), state };
        },
      },
      { ...plan, optimizer: sgd({ learningRate: 0 }), steps: STATISTICS_STEPS },
    );
    return { encoder: asParameters(encoder, result.parameters as unknown as SvddEncoder<TrainedParameter>) };
  }
  const plan = planPhase(setting, phase, prepared, context);
  const decoder = decoderParameters(body, randomStream(context.seed, "decoder"));
  const result = await train(
    {
      parameters: { encoder, decoder } as unknown as Tree,
      data: { x: plan.learning },
      loss: ({ parameters, batch }) => {
        const both = parameters as unknown as { encoder: SvddEncoder<Float>; decoder: SvddDecoder<Float> };
        const { normalize, state } = byBatch();
        const x = seen(batch.x, range);
        const z = encode(both.encoder, body, x, normalize);
        return { loss: reconstructionLoss(x, decode(both.decoder, body, z, normalize)), state };
      },
    },
    plan.options,
  );
  const trained = result.parameters as unknown as { encoder: SvddEncoder<TrainedParameter> };
  const { history } = result;
  return {
    encoder: asParameters(encoder, trained.encoder),
    ...(history.length > 0 && { losses: [history[0]!.loss, history.at(-1)!.loss] }),
  };
}

/** Moves the outputs towards the centre. */
async function contract(
  setting: Setting,
  encoder: SvddEncoder<Parameter>,
  centre: Float32Array,
  prepared: PreparedData,
  context: FitContext,
) {
  const { network, options, range } = setting;
  const { nu, warmUpEpochs, epochs, weightDecay } = options;
  const isSoft = options.objective === "softBoundary";
  const from = options.pretrainingEpochs === 0 ? 0 : 0.5;
  const phase = { name: "training", epochs, weightDecay, from, to: 1 };
  const plan = planPhase(setting, phase, prepared, context);
  const radius: Parameter = { shape: [], initial: new Float32Array(1), trainable: false };
  const warmUpSteps = warmUpEpochs * plan.stepsPerEpoch;
  return train(
    {
      parameters: { encoder, ...(isSoft && { radius }) } as unknown as Tree,
      data: { x: plan.learning },
      scalars: { isWarm: (step: number) => Number(step >= warmUpSteps) },
      loss: ({ parameters, batch, scalars }) => {
        const { normalize, state } = byBatch();
        const tensors = parameters as unknown as { encoder: SvddEncoder<Float>; radius: Float };
        const z = encode(tensors.encoder, network.body, seen(batch.x, range), normalize);
        const d = squaredDistance(z, centre);
        if (!isSoft) return { loss: mean(d), state };
        const next = where(greater(scalars.isWarm, 0), batchQuantile(sqrt(d), 1 - nu), tensors.radius);
        return {
          loss: softBoundaryLoss(d, tensors.radius, nu),
          metrics: { radius: add(tensors.radius, 0) as Float },
          state: [...state, [tensors.radius, next] as const],
        };
      },
    },
    plan.options,
  );
}

/** Outputs closer than this, in units of the centre's length, are one to single precision. */
const NO_SPREAD = 1e-6;

/** Learns the range of contrast, the encoder, the centre, the sphere. Throws a `SurprisalError` where all rows end at one point. */
export async function trainDeepSvdd(
  prepared: PreparedData,
  network: SvddNetwork,
  options: DeepSvddOptions,
  context: FitContext,
): Promise<Learned<DeepSvddState>> {
  const { body } = network;
  const run = { elementsPerRow: elementsPerRow(network), signal: context.signal };
  const range = network.contrast ? await contrastRange(prepared, run) : undefined;
  const setting = { network, options, range };
  const pretrained = await pretrain(setting, prepared, context);
  const first = asTrained(pretrained.encoder);
  const outputs = (encoder: SvddEncoder<TrainedParameter>) =>
    evaluateRows((x) => outputsOf(trainedConstants(encoder as never), network, x, range), prepared, run);
  const before = await outputs(first);
  const centre = centreOf(before, body.latent);
  const result =
    options.epochs === 0
      ? { parameters: { encoder: first }, history: [], steps: 0, skippedSteps: 0 }
      : await contract(setting, pretrained.encoder, centre, prepared, context);
  const { encoder } = result.parameters as unknown as { encoder: SvddEncoder<TrainedParameter> };
  const after = encoder === first ? before : await outputs(encoder);
  const [spreadBefore, spread] = [outputSpread(before, centre), outputSpread(after, centre)];
  if (spread < NO_SPREAD && spreadBefore >= NO_SPREAD) {
    throw new SurprisalError(
      'deep-svdd: training mapped all rows to one point, so that nothing can be told apart; lower "learningRate" or "epochs"',
    );
  }
  const distances = Float64Array.from({ length: after.length / body.latent }, (_, i) => {
    let squares = 0;
    for (let j = 0; j < body.latent; j++) squares += (after[i * body.latent + j]! - centre[j]!) ** 2;
    return Math.sqrt(squares);
  });
  const radius = quantile(distances, 1 - options.nu);
  return {
    state: {
      network,
      encoder,
      ...(range && { range }),
      centre,
      radius,
      ...(options.keepPretrained && { pretrained: first }),
    },
    history: result.history,
    summary: {
      body: options.body ?? body.kind,
      layers: (body.kind === "dense" ? body.hidden : body.filters).join("-"),
      latent: body.latent,
      objective: options.objective,
      parameters: parameterCount(pretrained.encoder as unknown as Tree),
      steps: result.steps,
      skippedSteps: result.skippedSteps,
      ...(pretrained.losses && {
        firstReconstructionLoss: pretrained.losses[0],
        lastReconstructionLoss: pretrained.losses[1],
      }),
      radius,
      outputSpreadBefore: spreadBefore,
      outputSpread: spread,
    },
  };
}

/** The values that contrast normalisation gives the training rows. */
async function contrastRange(prepared: PreparedData, run: EvaluateOptions): Promise<ContrastRange> {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of await evaluateRows((x) => globalContrast(seen(x, undefined)), prepared, run)) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return { low, high };
}

const asTrained = (encoder: SvddEncoder<Parameter>): SvddEncoder<TrainedParameter> =>
  untrained(encoder as never) as unknown as SvddEncoder<TrainedParameter>;
