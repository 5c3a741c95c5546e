/** A report on any task's data as lines of plain text for people. */
import type { TextReport } from "./inspect.ts";
import type { QuestionsReport } from "./inspect-questions.ts";
import type { TagsReport } from "./inspect-tags.ts";
import { questionLines } from "./report-questions.ts";
import { tagLines } from "./report-tags.ts";
import { textLines } from "./report-texts.ts";

/** Plain data, ready for JSON. */
export interface DataReportOf {
  "text-classification": TextReport;
  "token-classification": TagsReport;
  "question-answering": QuestionsReport;
}

export type DataReport = DataReportOf[keyof DataReportOf];

/** Lines that need no terminal; what is all right takes no line. */
export function formatReport(report: DataReport): string {
  return linesOf(report).join("\n");
}

function linesOf(report: DataReport): string[] {
  if (report.task === "token-classification") return tagLines(report);
  return report.task === "question-answering" ? questionLines(report) : textLines(report);
}
