// SPDX-License-Identifier: Apache-2.0
// Of the tabs of one browser that show the same form, one writes: two would keep overwriting each other's draft.
import type { ReactiveController, ReactiveControllerHost } from "lit";

const kMostPatience = 3_000; // for a tab that does not answer, ms

export class OneTab implements ReactiveController {
  /** undefined: not known yet. */
  writes?: boolean;
  private give?: () => void;
  private readonly channel = new BroadcastChannel("telavis-form");

  /** `save` keeps what is typed, before another tab goes on; `begin` reads it, after another tab has saved. */
  constructor(
    private readonly host: ReactiveControllerHost, private readonly name: () => string,
    private readonly save: () => Promise<void>, private readonly begin: () => Promise<void>,
  ) {
    host.addController(this);
  }
  hostConnected(): void {
    this.channel.onmessage = ({ data }) => {
      if (data === this.name() && this.give) void this.hand();
    };
    void this.ask({ ifAvailable: true });
  }
  hostDisconnected(): void {
    this.channel.onmessage = null;
    void this.hand();
  }
  /** The other tab saves and stops; one that is stuck is passed over. */
  async takeOver(): Promise<void> {
    this.channel.postMessage(this.name());
    const patience = AbortSignal.timeout(kMostPatience);
    if (!(await this.ask({ signal: patience }))) await this.ask({ steal: true });
  }

  private async hand(): Promise<void> {
    const { give } = this;
    this.give = undefined;
    await this.save();
    this.say(false);
    give?.();
  }
  private say(writes: boolean): void {
    this.writes = writes;
    this.host.requestUpdate();
  }
  /** True once the lock was held here. */
  private ask(options: LockOptions): Promise<boolean> {
    return new Promise((answered) => {
      const held = async (lock: Lock | null): Promise<void> => {
        if (!lock) {
          this.say(false);
          return answered(false);
        }
        const kept = new Promise<void>((give) => (this.give = give));
        if (this.writes === false) await this.begin();
        this.say(true);
        answered(true);
        await kept;
      };
      navigator.locks.request(`telavis-form/${this.name()}`, options, held).catch(() => {
        // Waited for in vain, or taken away by a tab that was not answered.
        this.give = undefined;
        this.say(false);
        answered(false);
      });
    });
  }
}
