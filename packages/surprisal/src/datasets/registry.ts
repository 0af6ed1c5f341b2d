import { checksums } from "./checksums.js";

/** One file of a data set. */
export interface DatasetFile {
  /** Its place below the folder of data sets, with `/`. */
  readonly path: string;
  readonly sha256: string;
  /** Where it can be downloaded; empty when no lasting address is known. */
  readonly urls: readonly string[];
}

/** How the files of a data set are laid out. */
type DatasetLayout =
  /** IDX files; the first pair is the training part when `train` is there. */
  | {
      readonly kind: "idx";
      readonly train?: readonly [string, string];
      readonly test: readonly [string, string];
    }
  /** Images in an archive: x_train, y_train, x_test, y_test, or x with its labels under `labels`. */
  | { readonly kind: "imageArchive"; readonly path: string; readonly labels?: string }
  /** A matrix `X` and labels `y` (1 an anomaly) in an archive. */
  | { readonly kind: "matrixArchive"; readonly path: string }
  /** Delimited text; `label` as for splitLabel, `names` where the file has no header, `normal` the value of normal rows. */
  | {
      readonly kind: "text";
      readonly path: string;
      readonly label?: string;
      readonly names?: readonly string[];
      readonly normal?: { readonly column: string; readonly value: string };
    }
  /** A time series of the Numenta benchmark with the windows that mark its anomalies. */
  | { readonly kind: "series"; readonly path: string; readonly windows: string; readonly key: string };

/** What is known of a data set without loading it. */
export interface DatasetEntry {
  readonly name: string;
  readonly title: string;
  readonly task: "table" | "image";
  readonly licence: string;
  readonly citation: string;
  readonly files: readonly DatasetFile[];
  /** Shipped with the package. */
  readonly bundled: boolean;
  readonly layout: DatasetLayout;
}

const file = (path: string, ...urls: string[]): DatasetFile => ({ path, sha256: checksums[path]!, urls });

interface About {
  readonly name: string;
  readonly title: string;
  readonly licence: string;
  readonly citation: string;
}

const trainFiles = ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"] as const;
const testFiles = ["t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"] as const;

function idxDataset(about: About, bases: readonly string[], withTraining = true): DatasetEntry {
  const at = (name: string): string => `images/${about.name}/${name}`;
  const names = withTraining ? [...trainFiles, ...testFiles] : [...testFiles];
  const test = [at(testFiles[0]), at(testFiles[1])] as const;
  return {
    ...about,
    task: "image",
    bundled: false,
    files: names.map((name) => file(at(name), ...bases.map((base) => `${base}${name}`))),
    layout: withTraining
      ? { kind: "idx", train: [at(trainFiles[0]), at(trainFiles[1])], test }
      : { kind: "idx", test },
  };
}

function imageArchive(about: About, path: string, labels?: string): DatasetEntry {
  return {
    ...about,
    task: "image",
    bundled: false,
    files: [file(path)],
    layout: { kind: "imageArchive", path, ...(labels === undefined ? {} : { labels }) },
  };
}

const hanCitation =
  "Han, Hu, Huang, Jiang, Zhao: ADBench: Anomaly Detection Benchmark. NeurIPS Datasets and Benchmarks, 2022.";

function adbench(fileName: string): DatasetEntry {
  const stem = fileName.replace(/^\d+_/, "");
  const path = `tabular/adbench/${fileName}.npz`;
  return {
    name: `adbench/${stem.toLowerCase()}`,
    title: `${stem}, from ADBench's classical collection`,
    task: "table",
    licence: "BSD-2-Clause (the ADBench repository)",
    citation: hanCitation,
    bundled: false,
    files: [
      file(
        path,
        `https://raw.githubusercontent.com/Minqi824/ADBench/main/adbench/datasets/Classical/${fileName}.npz`,
      ),
    ],
    layout: { kind: "matrixArchive", path },
  };
}

function embedding(name: string, fileName: string, title: string, licence: string): DatasetEntry {
  const path = `tabular/embeddings/${fileName}.npz`;
  return {
    name: `embeddings/${name}`,
    title,
    task: "table",
    licence,
    citation: hanCitation,
    bundled: false,
    files: [file(path)],
    layout: { kind: "matrixArchive", path },
  };
}

const windowsFile = "timeseries/nab/combined_windows.json";

function series(path: string): DatasetEntry {
  const key = path.replace("timeseries/nab/", "").replace(/\.gz$/, "");
  const stem = key.slice(key.lastIndexOf("/") + 1).replace(/\.csv$/, "");
  return {
    name: `nab/${stem}`,
    title: `${stem}, a series of the Numenta Anomaly Benchmark (${key.split("/")[0]})`,
    task: "table",
    licence: "MIT",
    citation:
      "Lavin, Ahmad: Evaluating Real-time Anomaly Detection Algorithms: the Numenta Anomaly Benchmark. ICMLA 2015.",
    bundled: false,
    files: [file(path), file(windowsFile)],
    layout: { kind: "series", path, windows: windowsFile, key },
  };
}

function sample(entry: Omit<DatasetEntry, "files" | "bundled">): DatasetEntry {
  return { ...entry, files: [], bundled: true };
}

const bundled: readonly DatasetEntry[] = [
  sample({
    name: "thyroid",
    title: "Thyroid disease: 3,772 patients, 6 measurements scaled to 0..1, 93 hyperfunctioning",
    task: "table",
    licence: "BSD-2-Clause (ADBench); UCI Machine Learning Repository, CC BY 4.0",
    citation: `Quinlan: Thyroid Disease. UCI Machine Learning Repository, 1986. Through ${hanCitation}`,
    layout: { kind: "text", path: "thyroid.csv", label: "class=1" },
  }),
  sample({
    name: "cardio",
    title: "Cardiotocography: 1,831 fetal heart records, 21 standardized features, 176 pathologic",
    task: "table",
    licence: "BSD-2-Clause (ADBench); UCI Machine Learning Repository, CC BY 4.0",
    citation: `Campos, Bernardes: Cardiotocography. UCI Machine Learning Repository, 2000. Through ${hanCitation}`,
    layout: { kind: "text", path: "cardio.csv", label: "class=1" },
  }),
  sample({
    name: "fashion-mnist-sample",
    title: "Fashion-MNIST: the first 2,000 training and 500 test images, 28x28 grey",
    task: "image",
    licence: "MIT",
    citation:
      "Xiao, Rasul, Vollgraf: Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning Algorithms. 2017.",
    layout: { kind: "imageArchive", path: "fashion-mnist-sample.npz" },
  }),
];

const images: readonly DatasetEntry[] = [
  idxDataset(
    {
      name: "mnist",
      title: "MNIST: 60,000 + 10,000 handwritten digits, 28x28 grey",
      licence: "CC BY-SA 3.0",
      citation:
        "LeCun, Bottou, Bengio, Haffner: Gradient-based learning applied to document recognition. Proc. IEEE, 1998.",
    },
    ["https://storage.googleapis.com/cvdf-datasets/mnist/", "https://ossci-datasets.s3.amazonaws.com/mnist/"],
  ),
  idxDataset(
    {
      name: "fashion-mnist",
      title: "Fashion-MNIST: 60,000 + 10,000 articles of clothing, 28x28 grey",
      licence: "MIT",
      citation:
        "Xiao, Rasul, Vollgraf: Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning Algorithms. 2017.",
    },
    ["http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"],
  ),
  idxDataset(
    {
      name: "notmnist",
      title: "notMNIST: 10,000 letters A to J in many typefaces, 28x28 grey",
      licence: "MIT (conversion)",
      citation: "Bulatov: notMNIST dataset. 2011. Converted by Flanagan.",
    },
    ["https://raw.githubusercontent.com/davidflanagan/notMNIST-to-MNIST/master/"],
    false,
  ),
  imageArchive(
    {
      name: "emnist-letters",
      title: "EMNIST letters: 5,000, 28x28 grey",
      licence: "public domain",
      citation:
        "Cohen, Afshar, Tapson, van Schaik: EMNIST: an extension of MNIST to handwritten letters. 2017.",
    },
    "images/emnist_letters.npz",
  ),
  imageArchive(
    {
      name: "omniglot",
      title: "Omniglot: 2,720 characters of five alphabets, 28x28 grey; labels are the alphabets",
      licence: "MIT",
      citation:
        "Lake, Salakhutdinov, Tenenbaum: Human-level concept learning through probabilistic program induction. Science, 2015.",
    },
    "images/omniglot_28.npz",
    "alphabet",
  ),
  imageArchive(
    {
      name: "cifar10",
      title: "CIFAR-10: a balanced subset of 4,000 + 1,000, 32x32 colour",
      licence: "cite Krizhevsky 2009",
      citation: "Krizhevsky: Learning Multiple Layers of Features from Tiny Images. 2009.",
    },
    "images/cifar10.npz",
  ),
  imageArchive(
    {
      name: "svhn",
      title: "SVHN: a balanced subset of 2,000 test house numbers, 32x32 colour",
      licence: "non-commercial use",
      citation:
        "Netzer, Wang, Coates, Bissacco, Wu, Ng: Reading Digits in Natural Images. NIPS Workshop, 2011.",
    },
    "images/svhn.npz",
  ),
  imageArchive(
    {
      name: "tiny-imagenet",
      title: "Tiny-ImageNet at 32x32: 3,000 colour images, 15 of each class",
      licence: "research only",
      citation: "Le, Yang: Tiny ImageNet Visual Recognition Challenge. 2015.",
    },
    "images/tiny_imagenet_32.npz",
  ),
  imageArchive(
    {
      name: "gtsrb",
      title: "German traffic signs at 32x32: 2,580 colour images, 60 of each class",
      licence: "cite Stallkamp 2012",
      citation: "Stallkamp, Schlipsing, Salmen, Igel: Man vs. computer. Neural Networks, 2012.",
    },
    "images/gtsrb_32.npz",
  ),
  imageArchive(
    {
      name: "magnetic-tile",
      title:
        "Magnetic tiles at 64x64 grey: 1,344; labels 0 free, 1 blowhole, 2 break, 3 crack, 4 fray, 5 uneven",
      licence: "free to use, cite Huang 2018",
      citation: "Huang, Qiu, Yuan: Surface defect saliency of magnetic tile. The Visual Computer, 2018.",
    },
    "images/magnetic_tile_64.npz",
  ),
];

const kddNames = (
  "duration protocol_type service flag src_bytes dst_bytes land wrong_fragment urgent hot num_failed_logins logged_in " +
  "num_compromised root_shell su_attempted num_root num_file_creations num_shells num_access_files num_outbound_cmds " +
  "is_host_login is_guest_login count srv_count serror_rate srv_serror_rate rerror_rate srv_rerror_rate same_srv_rate " +
  "diff_srv_rate srv_diff_host_rate dst_host_count dst_host_srv_count dst_host_same_srv_rate dst_host_diff_srv_rate " +
  "dst_host_same_src_port_rate dst_host_srv_diff_host_rate dst_host_serror_rate dst_host_srv_serror_rate " +
  "dst_host_rerror_rate dst_host_srv_rerror_rate label"
).split(" ");

const tables: readonly DatasetEntry[] = [
  {
    name: "kddcup99-10-percent",
    title: "KDD Cup 99, 10 %: 494,021 connections, 41 features; every label but normal is an anomaly",
    task: "table",
    licence: "public",
    citation: "Stolfo, Fan, Lee, Prodromidis, Chan: KDD Cup 1999 Data. UCI Machine Learning Repository.",
    bundled: false,
    files: [
      file(
        "tabular/kddcup.data_10_percent.gz",
        "http://kdd.ics.uci.edu/databases/kddcup99/kddcup.data_10_percent.gz",
      ),
    ],
    layout: {
      kind: "text",
      path: "tabular/kddcup.data_10_percent.gz",
      names: kddNames,
      normal: { column: "label", value: "normal." },
    },
  },
  {
    name: "creditcard-subset",
    title:
      "Credit-card fraud, a subset: 35,049 normal rows (not a random sample) and all 492 frauds, 30 features",
    task: "table",
    licence: "DbCL 1.0",
    citation:
      "Dal Pozzolo, Caelen, Johnson, Bontempi: Calibrating Probability with Undersampling. IEEE CIDM, 2015.",
    bundled: false,
    files: [file("tabular/creditcard_subset.csv.gz")],
    layout: { kind: "text", path: "tabular/creditcard_subset.csv.gz", label: "Class=1" },
  },
  {
    name: "house-prices",
    title: "Ames house prices: 1,460 sales, 81 columns of mixed kinds with missing values, no labels",
    task: "table",
    licence: "public",
    citation:
      "De Cock: Ames, Iowa: Alternative to the Boston Housing Data. Journal of Statistics Education, 2011.",
    bundled: false,
    files: [file("tabular/house_prices_ames_train.csv.gz")],
    layout: { kind: "text", path: "tabular/house_prices_ames_train.csv.gz" },
  },
];

const embeddings: readonly DatasetEntry[] = [
  embedding(
    "resnet18-cifar10-0",
    "CV_by_ResNet18__CIFAR10_0",
    "CIFAR-10 class 0 as ResNet-18 features",
    "BSD-2-Clause (the ADBench repository)",
  ),
  embedding(
    "resnet18-mvtec-bottle",
    "CV_by_ResNet18__MVTec-AD_bottle",
    "MVTec bottles as ResNet-18 features",
    "CC BY-NC-SA 4.0 (non-commercial)",
  ),
  embedding(
    "vit-mvtec-cable",
    "CV_by_ViT__MVTec-AD_cable",
    "MVTec cables as ViT features",
    "CC BY-NC-SA 4.0 (non-commercial)",
  ),
];

/** Every known data set, the bundled ones first. */
export const registry: readonly DatasetEntry[] = [
  ...bundled,
  ...images,
  ...tables,
  ...Object.keys(checksums)
    .filter((path) => path.startsWith("tabular/adbench/"))
    .map((path) => adbench(path.slice("tabular/adbench/".length, -".npz".length))),
  ...embeddings,
  ...Object.keys(checksums)
    .filter((path) => path.startsWith("timeseries/nab/") && path.endsWith(".csv.gz"))
    .map(series),
];
