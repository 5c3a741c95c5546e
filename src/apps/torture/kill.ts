/**
 * The suite `kill`: a process that trains gets SIGKILL at many instants, and in each of its calls to the disk. The newest
 * checkpoint is whole, and the next start goes on from it to the model of a run that was never killed.
 */
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { uniform } from "../../util/random.ts";
import { callsOf } from "./disk.ts";
import { expectSame } from "./expect-same.ts";
import type { Job } from "./kill-child.ts";
import { findCheckpoint, modelOf, Subject } from "./subject.ts";
import type { Suite } from "./suite.ts";
import { writeTinyModel } from "./tiny-model.ts";
import { Victim } from "./victim.ts";

const INSTANTS = 500;
const QUICK_INSTANTS = 3;
/** Of so many calls the process dies in one, for a look in seconds. */
const QUICK = 151;
/** After so many cases a line says so. */
const TOLD = 50;

export const killSuite: Suite = {
  about: `a process is killed at ${INSTANTS} instants and in every call to the disk; the next start goes on`,
  async run({ folder, quick, seed, note }) {
    const model = writeTinyModel(join(folder, "model"));
    const killer = new Killer(model, folder);
    try {
      const calls = await killer.begin();
      const wanted = quick ? QUICK_INSTANTS : INSTANTS;
      let killed = 0;
      for (let i = 0; killed < wanted; i++) {
        if (!(await killer.killAt(uniform(seed, i)))) continue;
        if (++killed % TOLD === 0) note(`${killed} of ${wanted} killed at some instant.`);
      }
      note(`From these steps they went on: ${killer.steps()}.`);
      let died = 0;
      for (let call = 0; call < calls; call += quick ? QUICK : 1) {
        await killer.killIn(call);
        if (++died % TOLD === 0) note(`${died} died in one of ${calls} calls to the disk.`);
      }
      note(`From these steps they went on: ${killer.steps()}.`);
      return killed + died;
    } finally {
      killer.end();
    }
  },
};

class Killer {
  readonly #model: string;
  readonly #output: string;
  readonly #straight: string;
  readonly #subject: Subject;
  /** Always one that loads while another is looked at. */
  #next = new Victim();
  /** Milliseconds that the run takes. */
  #duration = 0;
  /** How many went on from each step. */
  #found = new Map<number, number>();

  constructor(model: string, folder: string) {
    this.#model = model;
    this.#output = join(folder, "output");
    this.#straight = join(folder, "straight");
    this.#subject = new Subject(model);
  }

  /** The run that is not killed; returns its calls to the disk. */
  async begin(): Promise<number> {
    const calls = await callsOf(() => this.#subject.run(this.#straight));
    this.#duration = (await this.#run()).milliseconds;
    await this.#goOn("never killed");
    this.#found.clear();
    return calls.length;
  }

  /** At this share of the run's time; returns whether it was killed before its end. */
  async killAt(share: number): Promise<boolean> {
    const after = share * this.#duration;
    const { killed } = await this.#run({}, after);
    await this.#goOn(`killed after ${after.toFixed(1)} ms`);
    return killed;
  }

  async killIn(call: number): Promise<void> {
    const { killed } = await this.#run({ call });
    if (!killed) throw new Error(`call ${call} never came`);
    await this.#goOn(`killed in call ${call}`);
  }

  /** How many went on from each step since this was last asked. */
  steps(): string {
    const all = [...this.#found].sort(([a], [b]) => a - b).map(([step, count]) => `${step} (${count})`);
    this.#found.clear();
    return all.join(", ");
  }

  end(): void {
    this.#next.kill();
  }

  #run(job: Pick<Job, "call"> = {}, killAfter?: number) {
    const victim = this.#next;
    this.#next = new Victim();
    return victim.run({ ...job, model: this.#model, output: this.#output }, killAfter);
  }

  async #goOn(where: string): Promise<void> {
    const { found, warnings } = await findCheckpoint(this.#output);
    expectSame(`${where}: what is said of damaged checkpoints`, warnings, []);
    this.#found.set(found?.step ?? 0, (this.#found.get(found?.step ?? 0) ?? 0) + 1);
    await this.#subject.run(this.#output);
    expectSame(`${where}: the model of the next start`, modelOf(this.#output), modelOf(this.#straight));
    expectSame(
      `${where}: what is left`,
      readdirSync(this.#output).sort(),
      readdirSync(this.#straight).sort(),
    );
    rmSync(this.#output, { recursive: true });
  }
}
