// A desktop with faye's client; commands and events are those of desktop.js. Its handshake always goes over long-polling.
import { createInterface } from "node:readline";
import faye from "faye";

const TRANSPORTS = ["websocket", "eventsource", "long-polling", "cross-origin-long-polling", "callback-polling"];
let client = null;

const tell = (event) => process.stdout.write(JSON.stringify(event) + "\n");

// What the client says and hears, as it goes by.
const observer = {
  incoming(message, callback) {
    const { channel, successful, error = null, clientId, advice } = message;
    if (channel === "/meta/handshake") {
      tell({ event: "handshake", successful, clientId, error, advice });
    } else if (channel === "/meta/connect") {
      tell({ event: "connect", successful, error, advice });
    } else if (channel === "/meta/subscribe") {
      const transport = client._dispatcher.connectionType;
      tell({ event: "subscribed", channel: message.subscription, successful, error, transport });
    }
    callback(message);
  },
};

const commands = {
  start({ url, transport, headers, channels }) {
    client = new faye.Client(url, { retry: 0.2, timeout: 45 });
    TRANSPORTS.filter((type) => type !== transport && type !== "long-polling").forEach((type) => client.disable(type));
    Object.entries(headers).forEach(([name, value]) => client.setHeader(name, value));
    client.addExtension(observer);
    for (const pattern of channels) {
      const heard = (channel, data) => {
        tell({ event: "message", subscription: pattern, message: { channel, data } });
      };
      client.subscribe(pattern).withChannel(heard);
    }
  },
  stop() {
    client.disconnect().then(() => tell({ event: "stopped", successful: true }));
  },
};

const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
  const command = JSON.parse(line);
  commands[command.do](command);
});
lines.on("close", () => process.exit(0));
