/** The rows of a data set on their way into a report. */

export interface SurveyData<Example> {
  /** How reports call it, usually the file's name. */
  name: string;
  /** How it was read, for people. */
  layout?: string;
  /** Read once. */
  examples: AsyncIterable<Example>;
}
