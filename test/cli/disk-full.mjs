/** Imported before the command: every write through an open file says that the disk is full, as ENOSPC does. */
import promises from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";

const refuse = async () => {
  throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC", errno: -28 });
};
const open = promises.open; // an imported binding would follow what takes its place
promises.writeFile = refuse;
promises.open = async (...args) => {
  const handle = await open(...args);
  return Object.assign(handle, { write: refuse, writev: refuse, writeFile: refuse, appendFile: refuse });
};
syncBuiltinESMExports();
