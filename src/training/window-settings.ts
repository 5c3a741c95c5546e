/** How texts become windows, kept in a model's config.json so that it reads later texts as it read the training rows. */

export interface WindowSettings {
  maxSeqLength: number;
  docStride?: number;
  docStep?: number;
  maxQuestionLength?: number;
}

const FIELDS = {
  maxSeqLength: "max_seq_length",
  docStride: "doc_stride",
  docStep: "doc_step",
  maxQuestionLength: "max_question_length",
} as const satisfies Record<keyof WindowSettings, string>;

const NAMES = Object.keys(FIELDS) as (keyof WindowSettings)[];

/** The settings under their names in config.json; what was left to its default is left out. */
export function windowFields(settings: WindowSettings): Record<string, number> {
  const given = NAMES.filter((name) => settings[name] !== undefined);
  return Object.fromEntries(given.map((name) => [FIELDS[name], settings[name] as number]));
}

/** The settings of a model, but for what is `given` now; `maxSeqLength` is `standard` where nothing says another. */
export function windowSettings(
  fields: Readonly<Record<string, unknown>>,
  given: Partial<WindowSettings>,
  standard: number,
): WindowSettings {
  const saved: Partial<WindowSettings> = {};
  for (const name of NAMES) {
    const value = fields[FIELDS[name]];
    if (typeof value === "number") saved[name] = value;
  }
  // The two say the same thing in two ways.
  if (given.docStride !== undefined) delete saved.docStep;
  if (given.docStep !== undefined) delete saved.docStride;
  const own = Object.fromEntries(
    NAMES.filter((name) => given[name] !== undefined).map((name) => [name, given[name]]),
  );
  return { maxSeqLength: standard, ...saved, ...own };
}
