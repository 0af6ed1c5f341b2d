/** SHA-256 of every known file, by its place below the folder of data sets. */
export const checksums: Readonly<Record<string, string>> = {
  "images/cifar10.npz": "914bb0e8bdc2c620089ba094fac6c32c4675292321c2a25fd95eece0ac3bc675",
  "images/emnist_letters.npz": "b15d32df1c86cc9a7caf330cbb81c47db2776e386f48957cad0c23f3f2a9a4e8",
  "images/fashion-mnist/t10k-images-idx3-ubyte.gz":
    "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
  "images/fashion-mnist/t10k-labels-idx1-ubyte.gz":
    "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
  "images/fashion-mnist/train-images-idx3-ubyte.gz":
    "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
  "images/fashion-mnist/train-labels-idx1-ubyte.gz":
    "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
  "images/gtsrb_32.npz": "d58a3b992954e5dbea9d2d3967b83988ae2dc7da0938f3fa3fb3ae489059b6e7",
  "images/magnetic_tile_64.npz": "a689efa9e379f0b612337fbffaf4dcae51a000d7ec90558bc123716a742398c2",
  "images/mnist/t10k-images-idx3-ubyte.gz":
    "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
  "images/mnist/t10k-labels-idx1-ubyte.gz":
    "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
  "images/mnist/train-images-idx3-ubyte.gz":
    "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
  "images/mnist/train-labels-idx1-ubyte.gz":
    "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
  "images/notmnist/t10k-images-idx3-ubyte.gz":
    "70ae9e06201f2827e5b0a3781a3169d735dd2efc69996b9eeaee7f10ed4044d7",
  "images/notmnist/t10k-labels-idx1-ubyte.gz":
    "1fa03836e01c862542f8eb83463bb951bebec6fcb3efa28dad748c6b38a9021b",
  "images/omniglot_28.npz": "a90dd91ffa2074f8f149498df290b6d1167c725b76f6cf2bfebb086e36ac0b1d",
  "images/svhn.npz": "0e6514505247b0dae338079efc7f76c2b10a62d69249ccf77bfe5e2e75457cc1",
  "images/tiny_imagenet_32.classes.txt": "444a415c0a93b37ecb6db7b0e0ac15dfbe4abc6089c0decb76725cd2775838b8",
  "images/tiny_imagenet_32.npz": "156f912cf192f1e1c00e8d1a381cc9fa54787cd966138608c40d87550fd46cac",
  "tabular/adbench/10_cover.npz": "945a097c3542ae81a551bf1c06dcad78a755d94f84fcaf1d60687e42d1a656df",
  "tabular/adbench/12_fault.npz": "ec27301f9a4cf7c5d8b22c360cf37ddb043b7fb062465723dfd8b34e2771e5dd",
  "tabular/adbench/14_glass.npz": "aa7a8db1d475ba01a10488af454bc15220a3d5951b010b03b7020567d8152cdc",
  "tabular/adbench/16_http.npz": "9d98710091551587f4740cfc851a6b064fff6319a337c2dc77ee6da4bcc2e02c",
  "tabular/adbench/18_Ionosphere.npz": "bca46cb0cfd1bf9ddef6cde5ad2215d54fb0189508d0d4c4eb98e788cad69001",
  "tabular/adbench/20_letter.npz": "f986d3da80cf1fa2aea83a5ebe73b7d4800e0d4c01fdd1ae074b58d20f10d039",
  "tabular/adbench/21_Lymphography.npz": "dad977b04f4ea65b78ccd0e9f76b45175bad605165b37e63f3cc177845e67037",
  "tabular/adbench/23_mammography.npz": "a0308ac9712d78321073b1c2dc98dc37665c0f35c1cc33019416fe8f8d7de7ea",
  "tabular/adbench/25_musk.npz": "2ed3f4392197b76a1e59116ff880c7720a4b026cf4842073a53b56fdea265017",
  "tabular/adbench/26_optdigits.npz": "60de17a375a278ba220a7849727d998aa02b5e2f9fd17732a004bba28de4656e",
  "tabular/adbench/28_pendigits.npz": "c4936b89dcdad59d303020e492f763a0f54170080d787c77497609acbb9c2d79",
  "tabular/adbench/2_annthyroid.npz": "e738f7c58a8740d2c4aac4c71ff49ce5e1d1aa16f44178135fc9c09df05fad1b",
  "tabular/adbench/31_satimage-2.npz": "1b056e357f801b8b20c3f380a30224a3c4088d7ed764ec5a24828dc9b1918d6f",
  "tabular/adbench/32_shuttle.npz": "26900b0f6be45d9ddb7a402c9b2f956ceda42d23a8ca4cf4406b8bc1352823d1",
  "tabular/adbench/34_smtp.npz": "d2569fc9bc12115419e3f5b37d19921e10e6c26e5ad1e61064cfb0fbc402dfdd",
  "tabular/adbench/38_thyroid.npz": "8de161b3f235b7647bb0b39a836d983ff61d67bf234edac461da2d71e889cb87",
  "tabular/adbench/40_vowels.npz": "4bfc4244d1c882773bbbc50d4a5db5e52276e53506e46b2d45e02d074cfcb1b6",
  "tabular/adbench/42_WBC.npz": "650f9dcb129248f67a291be0974f533ef259fcbde50fce5c8ad2a1cb2652d03b",
  "tabular/adbench/4_breastw.npz": "4f37ce07dbc25ddad8178fdc6d664ab46d2d0000ee28c2787c3c7ff3c03ef9f6",
  "tabular/adbench/6_cardio.npz": "bc5009bde6930b4d298b594f31b34485a9a17210cff0e8fb00a8c3068b885a2d",
  "tabular/creditcard_subset.csv.gz": "5604dd050ddf722a4b2ac9ad9a9b9baf4e23257618c2ce12142c56c64a87bec3",
  "tabular/embeddings/CV_by_ResNet18__CIFAR10_0.npz":
    "f0e89be5576c37e5c2f7393f7a478d8ec0cc348559fc177c273ff076ef10db00",
  "tabular/embeddings/CV_by_ResNet18__MVTec-AD_bottle.npz":
    "9eb7a78f1f6ecfcd00391ea01fe06f998e3fb7b8e89a34c06d69786ee38a8059",
  "tabular/embeddings/CV_by_ViT__MVTec-AD_cable.npz":
    "36e1e68af80be0b3fd91fc69287d8499bf8ae8b36b58fceb5d3f247183627e2e",
  "tabular/house_prices_ames_train.csv.gz":
    "5a3d91f16df7edaa9ac15dd7025d37385e39e94214a8d08f32e98e4fd1aa7853",
  "tabular/kddcup.data_10_percent.gz": "8045aca0d84e70e622d1148d7df782496f6333bf6eb979a1b0837c42a9fd9561",
  "timeseries/nab/artificialNoAnomaly/art_daily_no_noise.csv.gz":
    "c1af62c3f8c2fb20a7147db8acbd9c90e80f859cea81a2fe5525e6c4623fc431",
  "timeseries/nab/artificialNoAnomaly/art_daily_small_noise.csv.gz":
    "74787c0ab97ae716cc8eefc21b509ca1db0f2d0e5cd187a5e27cc2c1c6d7fa00",
  "timeseries/nab/artificialNoAnomaly/art_noisy.csv.gz":
    "c44b92fd47d5981c21941e01bc1499bb8bbb98d527ec7b7b31c2f9a9a7b037f1",
  "timeseries/nab/artificialWithAnomaly/art_daily_jumpsdown.csv.gz":
    "0dba16e86516ae19b0baa0b344a44c0800eb107655683f2e847b11e86a82e4cd",
  "timeseries/nab/artificialWithAnomaly/art_daily_nojump.csv.gz":
    "5a58326e6de445305108e567e755f46dba29954a17f0ff18471ced1c91ee54d6",
  "timeseries/nab/artificialWithAnomaly/art_load_balancer_spikes.csv.gz":
    "da9148bb66d5c481d530968e379fef30316571d7195febcc3f4824a1d847d154",
  "timeseries/nab/combined_labels.json": "c7ea7e5e17c3b39f50c85b28460601a50d442bf40c139d3e369e42bf7851e3b9",
  "timeseries/nab/combined_windows.json": "afe22074a6a37bba59bfb7e1786658fe97db2b9dd8cec04dc7bcda3cc60fe573",
  "timeseries/nab/realAWSCloudwatch/ec2_cpu_utilization_53ea38.csv.gz":
    "d9468b5990db642c32ffd6dbd492a6193deb0abeaf4c21a2b79ba212b4700971",
  "timeseries/nab/realAWSCloudwatch/ec2_cpu_utilization_77c1ca.csv.gz":
    "fe9c04a53da9b8a3dbc0fb3bdc73acaa859bcdaef9b8d32504744501410b30af",
  "timeseries/nab/realAWSCloudwatch/ec2_cpu_utilization_ac20cd.csv.gz":
    "805e1abfe7285bdcea89a1ae8dee281d405260eb186d388230c29c4fab4cb718",
  "timeseries/nab/realAWSCloudwatch/ec2_cpu_utilization_fe7f93.csv.gz":
    "2b21f4c6f2e043f93694a0e2b138e3f642ef3528d2d18cc9aa60ce1edb8cc9a0",
  "timeseries/nab/realAWSCloudwatch/ec2_disk_write_bytes_c0d644.csv.gz":
    "0ca6cd5d889fb7b4da3d7e1f533c2ccc15eb00d20641e0f25cb676925e37a731",
  "timeseries/nab/realAWSCloudwatch/ec2_network_in_5abac7.csv.gz":
    "abb0d740f3ad2b3fc84f10d3fd3afa54f4f45a83f532c3fc7589cae1fd5cd741",
  "timeseries/nab/realAWSCloudwatch/grok_asg_anomaly.csv.gz":
    "3b9e343851c6e97db07ea1ccf3ff49454598dcabb4358ddc8fe4137da3b5fef2",
  "timeseries/nab/realAWSCloudwatch/rds_cpu_utilization_cc0c53.csv.gz":
    "bccaab7ea3c9814ff26ac2a90dc799c5bd1ed9da2820439cd46249727f8ab116",
  "timeseries/nab/realAdExchange/exchange-2_cpc_results.csv.gz":
    "3e1c37c87c746a2ce0e9e2de82dc9561a7602fec98a6e7530ce0132efdac16f2",
  "timeseries/nab/realAdExchange/exchange-3_cpc_results.csv.gz":
    "18adb1ce4215f07cc8feed66e08a8cba28ede2887c4730ebe1ab9bc87723cc07",
  "timeseries/nab/realAdExchange/exchange-4_cpc_results.csv.gz":
    "de1f029a93b80467ce36ffb513b3481abc4cdee4de2f404ac3fe837195901bea",
  "timeseries/nab/realKnownCause/ambient_temperature_system_failure.csv.gz":
    "760d9117390a07839150ae5d11164c686b57903ce6c698dbb01bb73f36bb3828",
  "timeseries/nab/realKnownCause/ec2_request_latency_system_failure.csv.gz":
    "a89513a454e6ea4360f8d85b66fbb655b69a45ef6f739e9ffd93f55352545be0",
  "timeseries/nab/realKnownCause/nyc_taxi.csv.gz":
    "69dea2c9333fc5a705d07eb6dbad2ac5c1237414c94a5dba2526fb3fddf22daf",
  "timeseries/nab/realKnownCause/rogue_agent_key_updown.csv.gz":
    "f0a37382ce01da3f5a49287b33271f2d71f9daa55f008205c17b6fa3e99071b0",
  "timeseries/nab/realTraffic/TravelTime_451.csv.gz":
    "29501f3615c4449ce2ba2ac1c234caf9dbbe171e90e5a8fc13b1c2255a3fc962",
  "timeseries/nab/realTraffic/occupancy_t4013.csv.gz":
    "eda802e7e5b1ac8e7de795714c6087252aed1829a0a0290cfeacab48d6b7b21d",
  "timeseries/nab/realTraffic/speed_7578.csv.gz":
    "2cc33bb9fa9a145bcd5d917d02d9f284b88249b400887693e27b6927fb80c8cd",
  "timeseries/nab/realTweets/Twitter_volume_AAPL.csv.gz":
    "193e198615d3fb37d2625762a66c1b705a0632d014fd100a361ca1effa0872f6",
  "timeseries/nab/realTweets/Twitter_volume_CRM.csv.gz":
    "8afe2886c8a0cfb6f3fd3cbde7370119ab72b08e9ec724a0cbb98404094f1d1e",
  "timeseries/nab/realTweets/Twitter_volume_FB.csv.gz":
    "6a5c7adebff0350a87a26e8e72f71fd206a97b64995a8c87f465898dab6da969",
  "timeseries/nab/realTweets/Twitter_volume_IBM.csv.gz":
    "4d7e9fb9b9631be19852e87817e76d8da6034abcf70ff72268f52f95ab22b9ee",
  "timeseries/nab/realTweets/Twitter_volume_PFE.csv.gz":
    "f6518e658f475df9749a48810c6135906fe78f6b1da639c8820773230c0fa14e",
};
