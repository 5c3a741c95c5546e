/** What a model remembers of its windows, and what a later call may change. */
import { expect, it } from "vitest";
import { windowFields, windowSettings } from "./window-settings.ts";

it("keeps what was given, and nothing else", () => {
  const settings = { maxSeqLength: 64, docStride: 16, docStep: undefined, maxQuestionLength: 12 };
  const fields = windowFields(settings);
  expect(fields).toEqual({ max_seq_length: 64, doc_stride: 16, max_question_length: 12 });
  expect(windowSettings(fields, {}, 384)).toEqual({ maxSeqLength: 64, docStride: 16, maxQuestionLength: 12 });
});

it("has the standard length where the model says none", () => {
  expect(windowSettings({}, {}, 384)).toEqual({ maxSeqLength: 384 });
  expect(windowSettings({ max_seq_length: "64" }, {}, 384)).toEqual({ maxSeqLength: 384 });
});

it("lets a later call change each, a stride replacing a step and the other way round", () => {
  const stride = { max_seq_length: 64, doc_stride: 16 };
  expect(windowSettings(stride, { docStep: 8, maxSeqLength: 32 }, 384)).toEqual({
    maxSeqLength: 32,
    docStep: 8,
  });
  const step = { max_seq_length: 64, doc_step: 16 };
  expect(windowSettings(step, { docStride: 8 }, 384)).toEqual({ maxSeqLength: 64, docStride: 8 });
});
