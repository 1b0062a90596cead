// The publisher inside another server; bench/publishing.py is the very same for ours and says what the lines mean.
import { createInterface } from "node:readline";

const TICK_MS = 2;
const BURST = 50;

const microseconds = () => Math.floor(Number(process.hrtime.bigint()) / 1000);

export function say(line) {
  process.stdout.write(line + "\n");
}

// What is published, but for its number and its time: with those, about so many bytes of JSON.
function template(size) {
  const fixed = JSON.stringify({ text: "", n: 10 ** 6, t: 10 ** 11 }).length;
  const text = "Everything about a call that a desktop wants to know. ";
  return { text: text.repeat(Math.floor(size / text.length) + 1).slice(0, size - fixed) };
}

// Listens on a free port, says where, and does what standard input says until it ends.
export function serve(server, size, publish) {
  const message = template(size);
  let published = 0;
  let rate = 0;
  let clients = 1;
  let credit = 0;
  let began = 0;
  let beganAt = 0;
  let timer = null;
  let spending = null;

  function one() {
    const n = published++;
    publish(n % clients, { ...message, n, t: microseconds() });
  }

  function keepPace() {
    const due = beganAt + Math.floor(((microseconds() - began) * rate) / 1e6);
    while (published < due) {
      one();
    }
    timer = setTimeout(keepPace, TICK_MS);
  }

  function spend() {
    const burst = Math.min(credit, BURST);
    credit -= burst;
    for (let i = 0; i < burst; i++) {
      one();
    }
    spending = credit > 0 ? setImmediate(spend) : null;
  }

  const commands = {
    begin(perSecond, count) {
      [rate, clients, credit] = [perSecond, count, 0];
      [began, beganAt] = [microseconds(), published];
      if (rate > 0) {
        keepPace();
      }
    },
    credit(count) {
      credit += count;
      spending ??= setImmediate(spend);
    },
    end() {
      clearTimeout(timer);
      clearImmediate(spending);
      [timer, spending, credit] = [null, null, 0];
      say(`published ${published}`);
    },
  };

  const lines = createInterface({ input: process.stdin });
  lines.on("line", (line) => {
    const [name, ...numbers] = line.trim().split(" ");
    commands[name](...numbers.map(Number));
  });
  lines.on("close", () => process.exit(0));
  server.listen({ port: 0, host: "127.0.0.1", backlog: 2048 }, () => {
    say(`listening on http://127.0.0.1:${server.address().port}/`);
  });
}
