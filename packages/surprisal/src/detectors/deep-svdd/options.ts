import { z } from "zod";

export const deepSvddOptions = z.object({
  objective: z
    .enum(["oneClass", "softBoundary"])
    .default("oneClass")
    .describe(
      "What training minimises: the mean squared distance from the centre, or a sphere's radius with a price for the rows outside.",
    ),
  nu: z
    .number()
    .gt(0)
    .lt(1)
    .default(0.1)
    .describe("Share of the training rows outside the sphere; in training for softBoundary alone."),
  warmUpEpochs: z
    .int()
    .min(0)
    .default(10)
    .describe("Objective softBoundary: epochs before the radius is first set."),
  body: z
    .enum(["dense", "convolutional", "mnistLenet", "cifarLenet"])
    .optional()
    .describe(
      "Layers: dense; convolutional (images); or a published network for images of 28 × 28 × 1 (mnistLenet) or 32 × 32 × 3 (cifarLenet). Default: convolutional for images from 8 × 8 on, else dense.",
    ),
  latent: z
    .int()
    .min(1)
    .max(4096)
    .optional()
    .describe(
      "Outputs of the network. Default: 128 for cifarLenet, else 32 for 100 or more features, else half of the features, 2 to 8.",
    ),
  hidden: z
    .array(z.int().min(1).max(65_536))
    .optional()
    .describe("Dense body: widths of the hidden layers. Default: 128 for 100 or more features, else 64."),
  filters: z
    .array(z.int().min(1).max(4096))
    .min(1)
    .default([8, 4])
    .describe("Convolutional body: channels of each convolution, which a pooling by 2 follows."),
  kernel: z.int().min(1).max(31).default(5).describe("Convolutional body: rows and columns of the kernels."),
  contrast: z
    .boolean()
    .optional()
    .describe(
      "Bring every image to mean 0 and mean absolute value 1, then all by one range to [0, 1]. Default: for convolutional bodies.",
    ),
  pretrainingEpochs: z
    .int()
    .min(0)
    .optional()
    .describe(
      "Passes over the rows in which the network learns as an encoder, before the centre is set; 0 for none. Default: as many as make about 3,000 steps, 10 to 300.",
    ),
  pretrainingWeightDecay: z
    .number()
    .min(0)
    .default(0.5e-6)
    .describe("L2 penalty of the weights in pretraining; published with 0.5e-3 for mnistLenet."),
  epochs: z
    .int()
    .min(0)
    .optional()
    .describe(
      "Passes over the rows towards the centre; 0 keeps the network as it is. Default: as many as make about 3,000 steps, 10 to 300.",
    ),
  keepPretrained: z
    .boolean()
    .default(false)
    .describe(
      "Keep the network as it was before the outputs moved towards the centre: further outputs pretrained_code and pretrained_distance.",
    ),
  batchSize: z.int().min(2).default(200).describe("Rows of a training step."),
  learningRate: z
    .number()
    .positive()
    .max(1)
    .optional()
    .describe("Adam's learning rate. Default: 1e-4 for convolutional bodies, 1e-3 for dense ones."),
  milestones: z
    .array(z.int().min(1))
    .optional()
    .describe(
      "Epochs after which the learning rate falls to a tenth, of pretraining too. Default: a third of the epochs.",
    ),
  weightDecay: z.number().min(0).default(0.5e-6).describe("L2 penalty of the weights."),
});

export type DeepSvddOptions = z.output<typeof deepSvddOptions>;
