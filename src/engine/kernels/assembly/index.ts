/** The kernels of the WebAssembly module. None keeps data of its own in memory: the arena belongs to the caller. */
export { adamw } from "./adamw";
export { adamwRows } from "./adamw-rows";
export { roundToBf16 } from "./bf16";
export { dropoutMask, dropoutMaskBf16 } from "./dropout-mask";
export { add, scale, sumOfSquares } from "./elementwise";
export { addRows, clearMarkedRows, firstRowOutside, sumOfMarkedRows } from "./rows";
