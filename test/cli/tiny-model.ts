/** The tiny model, which the torture suites train as well. */
export * from "../../src/apps/torture/tiny-model.ts";
