/** The kernels of the WebAssembly module. None keeps data of its own in memory: the arena belongs to the caller. */
export { adamw, adamwRows } from "./adamw";
export { dropoutMask } from "./dropout-mask";
export { add, scale, sumOfSquares } from "./elementwise";
export { addRows, clearMarkedRows, firstRowOutside, sumOfMarkedRows } from "./rows";
