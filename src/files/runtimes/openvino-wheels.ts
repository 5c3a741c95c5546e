/**
 * The wheels on PyPI that hold OpenVINO (Apache-2.0), one a platform, and what of each the C API needs to read an ONNX
 * model and run it on the processor: not the plugins for graphics cards and NPUs, nor the readers of other formats.
 */
import type { FileToUnpack, PinnedWheel } from "../wheels/wheel.ts";

export const OPENVINO_VERSION = "2026.4.1";

export interface OpenVinoWheel extends PinnedWheel {
  files: readonly FileToUnpack[];
  /** The oldest glibc that its libraries run with; none outside Linux. */
  glibc?: string;
}

/** Libraries that name each other by version; `tbb` first loads the three others where it finds them. */
const LIBRARIES = {
  linux: (processor: string) => [
    "libopenvino_c.so.2641",
    "libopenvino.so.2641",
    `libopenvino_${processor}_cpu_plugin.so`,
    "libopenvino_onnx_frontend.so.2641",
    "libtbb.so.12",
    "libtbbmalloc.so.2",
    "libtbbbind_2_5.so.3",
    "libhwloc.so.15",
  ],
  // Without tbbbind, which looks for hwloc in a folder of the machine that built it.
  darwin: [
    "libopenvino_c.2641.dylib",
    "libopenvino.2641.dylib",
    "libopenvino_arm_cpu_plugin.so",
    "libopenvino_onnx_frontend.2641.dylib",
    "libtbb.12.dylib",
    "libtbbmalloc.2.dylib",
  ],
  win32: [
    "openvino_c.dll",
    "openvino.dll",
    "openvino_intel_cpu_plugin.dll",
    "openvino_onnx_frontend.dll",
    "tbb12.dll",
    "tbbmalloc.dll",
    "tbbbind_2_5.dll",
  ],
};

const LICENSES = [
  "LICENSE",
  "licensing/onednn_third-party-programs.txt",
  "licensing/onetbb_third-party-programs.txt",
  "licensing/runtime-third-party-programs.txt",
];

/** By Node's platform and architecture. A wheel is of one version of Python, though only Python's part of it is. */
const WHEELS: Readonly<Record<string, OpenVinoWheel>> = {
  "linux x64": wheel("manylinux_2_28_x86_64", LIBRARIES.linux("intel"), {
    sha256: "2d22b1da03f7caf74df30e9f6417d0ab2f637e4a38e08e1dcd294d2c37407aaf",
    size: 59_130_756,
    glibc: "2.28",
  }),
  "linux arm64": wheel("manylinux_2_35_aarch64", LIBRARIES.linux("arm"), {
    sha256: "bea1eb3733c34ef331adc945da0ccda5937865031139073663be84c517ffda22",
    size: 30_348_540,
    glibc: "2.35",
  }),
  "darwin arm64": wheel("macosx_11_0_arm64", LIBRARIES.darwin, {
    sha256: "d3740853691ae4a9003bc3417a4625d848e2cc3251af4b815c59199b38be252a",
    size: 33_302_114,
  }),
  "win32 x64": wheel("win_amd64", LIBRARIES.win32, {
    sha256: "bfddae6d6d3ad240157b946f180c33d0ddfaaae7487995d929a4e6b4bc12b283",
    size: 84_956_545,
  }),
};

/** The wheel for a platform and architecture in Node's words; undefined where there is none. */
export function openVinoWheel(platform: string, arch: string): OpenVinoWheel | undefined {
  return WHEELS[`${platform} ${arch}`];
}

function wheel(
  platform: string,
  libraries: readonly string[],
  pinned: { sha256: string; size: number; glibc?: string },
): OpenVinoWheel {
  const licenses = `openvino-${OPENVINO_VERSION}.dist-info/licenses`;
  return {
    requirement: `openvino==${OPENVINO_VERSION}`,
    file: `openvino-${OPENVINO_VERSION}-22982-cp311-cp311-${platform}.whl`,
    tags: { python: "cp311", abi: "cp311", platform },
    files: [
      ...libraries.map((name) => ({ entry: `openvino/libs/${name}`, name })),
      ...LICENSES.map((path) => ({ entry: `${licenses}/${path}`, name: path.split("/").pop() ?? path })),
    ],
    ...pinned,
  };
}
