// A desktop: the CometD client as published on npm, which does what it is told on standard input and tells on standard
// output what happens to it; one JSON object a line each way. desktops.py is the other end.
//
// One client at a time: cookies belong to an adapter, and adapt() replaces it for the whole process.
import { Console } from "node:console";
import { createInterface } from "node:readline";
import { adapt } from "cometd-nodejs-client";
import { CometD } from "cometd";

// The adapter hands the client this console, and standard output is for the tests.
globalThis.console = new Console(process.stderr, process.stderr);

const TRANSPORTS = ["websocket", "long-polling", "callback-polling"];
let client = null;
let subscriptions = new Map();

function tell(event) {
  process.stdout.write(JSON.stringify(event) + "\n");
}

// What a browser does by itself: the cookie of the page's session goes with the opening of a WebSocket.
function bringCookie(cookie) {
  const Plain = window.WebSocket;
  window.WebSocket = class extends Plain {
    constructor(url, protocols) {
      super(url, protocols, { headers: { Cookie: cookie } });
    }
  };
}

function subscribe(channel) {
  const heard = (message) => tell({ event: "message", subscription: channel, message });
  const answered = (reply) => {
    tell({ event: "subscribed", channel, successful: reply.successful, error: reply.error ?? null });
  };
  subscriptions.set(channel, client.subscribe(channel, heard, answered));
}

function watch(channels) {
  client.addListener("/meta/handshake", (reply) => {
    const transport = client.getTransport()?.type ?? null;
    const { successful, error, advice } = reply;
    tell({ event: "handshake", successful, clientId: client.getClientId(), transport, error, advice });
    if (successful) {
      client.batch(() => channels.forEach(subscribe));
    }
  });
  client.addListener("/meta/connect", (reply) => {
    const failure = reply.failure ? { httpCode: reply.failure.httpCode ?? null } : null;
    tell({ event: "connect", successful: reply.successful, error: reply.error, advice: reply.advice, failure });
  });
}

const commands = {
  start({ url, transport, headers, cookie, channels }) {
    adapt();
    if (cookie) {
      bringCookie(cookie);
    }
    client = new CometD();
    TRANSPORTS.filter((type) => type !== transport).forEach((type) => client.unregisterTransport(type));
    const requestHeaders = cookie ? { ...headers, Cookie: cookie } : headers;
    client.configure({ url, requestHeaders, logLevel: "warn", maxNetworkDelay: 10000 });
    watch(channels);
    client.handshake();
  },
  subscribe({ channel }) {
    subscribe(channel);
  },
  unsubscribe({ channel }) {
    client.unsubscribe(subscriptions.get(channel), (reply) => {
      tell({ event: "unsubscribed", channel, successful: reply.successful });
    });
  },
  publish({ channel, data }) {
    client.publish(channel, data, (reply) => {
      tell({ event: "published", channel, successful: reply.successful, error: reply.error ?? null });
    });
  },
  stop() {
    const ended = (successful) => {
      client = null;
      subscriptions = new Map();
      tell({ event: "stopped", successful });
    };
    if (client.isDisconnected()) {
      ended(true);
    } else {
      client.disconnect((reply) => ended(reply.successful));
    }
  },
};

const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
  const command = JSON.parse(line);
  commands[command.do](command);
});
lines.on("close", () => process.exit(0));
