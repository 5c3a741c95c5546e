/**
 * The part of the Hub's API that a download needs, as huggingface_hub uses it (`hf_api.py`, `file_download.py`): one
 * call says which commit `main` is and which files it has with their hashes, then each file is one request.
 *
 * Our own rather than `@huggingface/hub`: that client has no time limit, no resume, no hash check, no offline mode and
 * no list of files to fetch, which is all that is here; what it would save are the two addresses below.
 */
import { InputError } from "../../util/errors.ts";
import { bodyChunks, get, type Http, request, Unreachable, within } from "./http.ts";

export interface RemoteFile {
  name: string;
  /** Bytes. */
  size: number;
  /** SHA-256 of the content (large files), or the SHA-1 that git gives it; also the name of the blob in the cache. */
  hash: string;
  hashKind: "sha256" | "git-sha1";
}

export interface RemoteModel {
  name: string;
  commit: string;
  files: ReadonlyMap<string, RemoteFile>;
}

/** A repository's list of files: 100 bytes each, some repositories have thousands. */
const MAX_ANSWER_BYTES = 20_000_000;

/** What `main` of the model `name` is now. Throws `Unreachable` or `Refused`. */
export async function describeModel(endpoint: string, name: string, http: Http): Promise<RemoteModel> {
  const url = `${endpoint}/api/models/${name}/revision/main?blobs=true`;
  const host = new URL(endpoint).host;
  const text = await request(http, (signal) => {
    const answer = get(url, http, signal, { accept: "application/json" });
    return within(
      http.limits.answer,
      host,
      signal,
      answer.then((response) => readLimited(response, host)),
    );
  });
  return { name, ...parseDescription(text, host) };
}

/** Address of a file's content. */
export function fileUrl(endpoint: string, { name, commit }: RemoteModel, file: string): string {
  return `${endpoint}/${name}/resolve/${commit}/${file}`;
}

async function readLimited(response: Response, host: string): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of bodyChunks(response, host)) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MAX_ANSWER_BYTES) throw new Unreachable(`${host} answers with too much`);
  }
  return text + decoder.decode();
}

function parseDescription(text: string, host: string): Omit<RemoteModel, "name"> {
  const answer = parseObject(text);
  const { sha, siblings } = answer;
  // A page that asks to log in to a wireless network comes with status 200, too.
  if (typeof sha !== "string" || !/^[0-9a-f]{40}$/.test(sha) || !Array.isArray(siblings)) {
    throw new Unreachable(`${host} does not answer as the Hub does`);
  }
  const files = siblings.map(parseFile).filter((file) => file !== undefined);
  return { commit: sha, files: new Map(files.map((file) => [file.name, file])) };
}

function parseObject(text: string): Record<string, unknown> {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return {};
  }
}

/** An entry of `siblings`, `undefined` for files in folders: we need none of them. */
function parseFile(entry: unknown): RemoteFile | undefined {
  const { rfilename: name, size, blobId, lfs } = asObject(entry);
  if (typeof name !== "string" || !/^\w[\w.-]*$/.test(name)) return undefined;
  const { sha256 } = asObject(lfs);
  const large = typeof sha256 === "string" && /^[0-9a-f]{64}$/.test(sha256);
  const hash = large ? sha256 : blobId;
  if (typeof size !== "number" || typeof hash !== "string" || !/^[0-9a-f]{40,64}$/.test(hash)) {
    throw new InputError(
      `The server gives no size and hash for ${name}, so a download could not be checked.\nUnset HF_ENDPOINT.`,
    );
  }
  return { name, size, hash, hashKind: large ? "sha256" : "git-sha1" };
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
