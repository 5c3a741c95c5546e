/** Text tagging: what training and inference need to know of it. */
import { labelsOfConfig } from "../../tasks/text-classification.ts";
import { type TokenClassification, tokenClassification } from "../../tasks/token-classification/task.ts";
import { SchemeDetector, TAG_SCHEMES, type TagScheme } from "../../text/tags/schemes.ts";
import { InputError } from "../../util/errors.ts";
import { readTaggingData, sentenceKeys, type TaggingData } from "../tagging-data.ts";
import { targetOptions } from "../target-options.ts";
import type { Application } from "./application.ts";

export const tokenClassificationApplication: Application<TokenClassification, TaggingData> = {
  tag: "token-classification",
  standards: { maxSeqLength: 128, batchSize: 32, microBatches: 1, epochs: 3, sampling: "random" },
  defaults: { labelAllPieces: false },
  rowKeys: sentenceKeys,
  read: (input, options, known) => readTaggingData(input, { ...options, known: known?.options }),
  task: (options, { labels, scheme, features }) =>
    tokenClassification(
      { labels, scheme, labelAllPieces: options.labelAllPieces },
      targetOptions(options, labels, features),
    ),
  difficulty: ({ options: { labels } }) => ({ classes: labels.length, what: `${labels.length} tags` }),
  fromConfig: (folder, json) => {
    const labels = labelsOfConfig(json);
    if (labels.length === 0) {
      throw new InputError(
        `${folder}: config.json has no labels (id2label).\nThis model was not fine-tuned for tagging; train one first.`,
      );
    }
    const own = (json.bertwright ?? {}) as { tag_scheme?: unknown; label_all_pieces?: boolean };
    const scheme = TAG_SCHEMES.find((name) => name === own.tag_scheme) ?? schemeOf(labels);
    return tokenClassification({ labels, scheme, labelAllPieces: own.label_all_pieces });
  },
};

/** The scheme of a model from elsewhere: its labels are IOB2 or mark nothing, as far as labels alone can tell. */
function schemeOf(labels: readonly string[]): TagScheme {
  const detector = new SchemeDetector();
  detector.add(labels, 1);
  return detector.finish().scheme === "none" ? "none" : "IOB2";
}
