import { SurprisalError } from "../errors.js";
import { suggestion } from "../suggest.js";

/** One class of a data set: its number there and its name. */
export interface ImageClass {
  readonly label: number;
  readonly name: string;
  /** Its WordNet id, in Tiny-ImageNet. */
  readonly wordNetId?: string;
}

/** Classes that belong together, all of which are normal at once. */
export interface SuperCategory {
  /** As published, for instance `CUR`. */
  readonly name: string;
  /** What its classes have in common. */
  readonly about: string;
  readonly classes: readonly ImageClass[];
}

/** Which classes of a data set are normal; images of the others are anomalies. */
export interface ClassScenario {
  /** A super-category's name, or `one-class-` and the number or name of a class. */
  readonly name: string;
  readonly normal: readonly ImageClass[];
  readonly anomalous: readonly ImageClass[];
}

const classes = (...names: string[]): readonly ImageClass[] => names.map((name, label) => ({ label, name }));

const digits = classes("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");

const articles = classes(
  "T-shirt",
  "trouser",
  "pullover",
  "dress",
  "coat",
  "sandal",
  "shirt",
  "sneaker",
  "bag",
  "boot",
);

const cifarClasses = classes(
  "airplane",
  "automobile",
  "bird",
  "cat",
  "deer",
  "dog",
  "frog",
  "horse",
  "ship",
  "truck",
);

/** The classes of the German traffic sign recognition benchmark, by number. */
const signs = classes(
  "speed limit 20",
  "speed limit 30",
  "speed limit 50",
  "speed limit 60",
  "speed limit 70",
  "speed limit 80",
  "end of speed limit 80",
  "speed limit 100",
  "speed limit 120",
  "no passing",
  "no passing for trucks",
  "right of way at the next junction",
  "priority road",
  "yield",
  "stop",
  "no vehicles",
  "no trucks",
  "no entry",
  "danger",
  "bend to the left",
  "bend to the right",
  "double bend",
  "bumpy road",
  "slippery road",
  "road narrows",
  "road works",
  "traffic signals",
  "pedestrians",
  "children",
  "bicycles",
  "ice or snow",
  "wild animals",
  "end of all limits",
  "turn right ahead",
  "turn left ahead",
  "ahead only",
  "straight on or right",
  "straight on or left",
  "keep right",
  "keep left",
  "roundabout",
  "end of no passing",
  "end of no passing for trucks",
);

type Row = readonly [label: number, wordNetId: string, name: string];

const wordNet = (...rows: Row[]): readonly ImageClass[] =>
  rows.map(([label, wordNetId, name]) => ({ label, name, wordNetId }));

const animals = wordNet(
  [26, "n02099601", "golden retriever"],
  [24, "n02085620", "Chihuahua"],
  [28, "n02106662", "German shepherd"],
  [27, "n02099712", "Labrador retriever"],
  [29, "n02113799", "standard poodle"],
  [25, "n02094433", "Yorkshire terrier"],
  [33, "n02125311", "cougar"],
  [31, "n02123394", "Persian cat"],
);

const insects = wordNet(
  [43, "n02268443", "dragonfly"],
  [41, "n02233338", "cockroach"],
  [38, "n02206856", "bee"],
  [39, "n02226429", "grasshopper"],
  [37, "n02190166", "fly"],
  [42, "n02236044", "mantis"],
  [44, "n02279972", "monarch"],
  [45, "n02281406", "sulphur butterfly"],
);

const things = wordNet(
  [172, "n04560804", "water jug"],
  [73, "n02823428", "beer bottle"],
  [160, "n04398044", "teapot"],
  [135, "n03983396", "pop bottle"],
  [72, "n02815834", "beaker"],
  [143, "n04118538", "rugby ball"],
  [171, "n04540053", "volleyball"],
  [130, "n03937543", "pill bottle"],
);

const structures = wordNet(
  [165, "n04486054", "triumphal arch"],
  [157, "n04366367", "suspension bridge"],
  [102, "n03388043", "fountain"],
  [170, "n04532670", "viaduct"],
  [64, "n02788148", "bannister"],
  [154, "n04311004", "steel arch bridge"],
  [124, "n03837869", "obelisk"],
  [71, "n02814860", "beacon"],
);

const vehicles = wordNet(
  [145, "n04146614", "school bus"],
  [166, "n04487081", "trolleybus"],
  [153, "n04285008", "sports car"],
  [81, "n02917067", "bullet train"],
  [94, "n03100240", "convertible"],
  [164, "n04465501", "tractor"],
  [133, "n03977966", "police van"],
  [70, "n02814533", "beach wagon"],
);

interface ClassFamily {
  readonly classes: readonly ImageClass[];
  readonly superCategories: readonly SuperCategory[];
}

const family = (
  all: readonly ImageClass[],
  categories: Readonly<Record<string, readonly [about: string, ...labels: number[]]>>,
): ClassFamily => ({
  classes: all,
  superCategories: Object.entries(categories).map(([name, [about, ...labels]]) => ({
    name,
    about,
    classes: labels.map((label) => all[label]!),
  })),
});

const tinyImagenet: readonly SuperCategory[] = [
  { name: "ANML", about: "animals", classes: animals },
  { name: "ISCT", about: "insects", classes: insects },
  { name: "ISTM", about: "instruments", classes: things },
  { name: "STRT", about: "structures", classes: structures },
  { name: "VHCL", about: "vehicles", classes: vehicles },
];

/**
 * The super-categories of Park et al., _Clustering-based anomaly detection_ (CLAD, arXiv 2104.09793),
 * table 5; those of Fashion-MNIST, which serve tests, are our own.
 */
const families: Readonly<Record<string, ClassFamily>> = {
  mnist: family(digits, {
    CUR: ["curves", 0, 3, 8],
    STR: ["straight strokes", 1, 4, 7],
    MIX: ["curves and strokes", 2, 5, 6, 9],
  }),
  gtsrb: family(signs, {
    SPDL: ["speed limits", 0, 1, 2, 3, 4, 5, 7, 8],
    INST: ["prohibitions", 9, 10, 15, 16],
    WARN: ["warnings", 11, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31],
    DIRC: ["directions", 33, 34, 35, 36, 37, 38, 39, 40],
    SPEC: ["signs of a shape of their own", 12, 13, 14, 17],
    REGN: ["ends of limits", 6, 32, 41, 42],
  }),
  cifar10: family(cifarClasses, {
    THG: ["things", 0, 1, 8, 9],
    LIV: ["living beings", 2, 3, 4, 5, 6, 7],
  }),
  // 40 of its 200 classes: those of the super-categories. The others are in no scenario.
  "tiny-imagenet": {
    classes: tinyImagenet.flatMap((category) => category.classes),
    superCategories: tinyImagenet,
  },
  "fashion-mnist": family(articles, {
    FOOT: ["shoes", 5, 7, 9],
    TOPS: ["clothes for above", 0, 2, 4, 6],
  }),
};

/** Data sets that have super-categories. */
export const superCategoryDatasets: readonly string[] = Object.keys(families);

function familyOf(dataset: string): ClassFamily {
  const found = families[dataset.replace(/-sample$/, "")];
  if (found !== undefined) return found;
  throw new SurprisalError(
    `There are no super-categories of "${dataset}".${suggestion(dataset, superCategoryDatasets, "data sets")}`,
  );
}

/**
 * The published super-categories of a data set of images: `mnist`, `gtsrb`, `cifar10`, `tiny-imagenet`
 * (Park et al. 2021), and `fashion-mnist`.
 * @throws SurprisalError for another data set
 */
export function superCategories(dataset: string): readonly SuperCategory[] {
  return familyOf(dataset).superCategories;
}

/** All classes that occur in the scenarios of a data set. Throws as {@link superCategories}. */
export function imageClasses(dataset: string): readonly ImageClass[] {
  return familyOf(dataset).classes;
}

/** The name of the scenario in which one class alone is normal. */
const oneClassName = ({ name }: ImageClass): string =>
  `one-class-${name.toLowerCase().replace(/[^a-z0-9]+/g, "-")}`;

/**
 * The scenarios of a data set: its super-categories, then each class alone.
 * Throws as {@link superCategories}.
 */
export function classScenarios(dataset: string): readonly ClassScenario[] {
  const { classes: all, superCategories: categories } = familyOf(dataset);
  const scenario = (name: string, normal: readonly ImageClass[]): ClassScenario => ({
    name,
    normal,
    anomalous: all.filter((candidate) => !normal.includes(candidate)),
  });
  return [
    ...categories.map((category) => scenario(category.name, category.classes)),
    ...all.map((one) => scenario(oneClassName(one), [one])),
  ];
}
