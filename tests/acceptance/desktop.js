// A desktop (desktop_client.js) in node: commands on standard input, events on standard output, one JSON object a line.
//
// One client at a time: cookies belong to an adapter, and adapt() replaces it for the whole process.
import { Console } from "node:console";
import { createInterface } from "node:readline";
import { adapt } from "cometd-nodejs-client";
import { desktop } from "./desktop_client.js";

// The adapter hands the client this console, and standard output is for the tests.
globalThis.console = new Console(process.stderr, process.stderr);

// What a browser does by itself: the cookie of the page's session goes with the opening of a WebSocket.
function bringCookie(cookie) {
  const Plain = window.WebSocket;
  window.WebSocket = class extends Plain {
    constructor(url, protocols) {
      super(url, protocols, { headers: { Cookie: cookie } });
    }
  };
}

function prepare({ cookie }) {
  adapt();
  if (cookie) {
    bringCookie(cookie);
  }
}

const tell = (event) => process.stdout.write(JSON.stringify(event) + "\n");
const commands = desktop(tell, prepare);
const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
  const command = JSON.parse(line);
  commands[command.do](command);
});
lines.on("close", () => process.exit(0));
