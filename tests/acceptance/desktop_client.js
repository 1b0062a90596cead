// A desktop: the CometD client as published on npm, which does what it is told and tells what happens to it. Whoever
// hosts it (desktop.js in node, browser.html in a browser) brings commands and takes events; desktops.py is the other end.
import { CometD } from "cometd";
import { AckExtension } from "cometd/AckExtension.js";
import { ReloadExtension } from "cometd/ReloadExtension.js";
import { TimeSyncExtension } from "cometd/TimeSyncExtension.js";

const TRANSPORTS = ["websocket", "long-polling", "callback-polling"];

// The convention of Salesforce's streaming API: whoever subscribes says up to where it has heard.
class ReplayExtension {
  #heard = -1;

  outgoing(message) {
    if (message.channel === "/meta/handshake") {
      message.ext = { ...message.ext, replay: true };
    } else if (message.channel === "/meta/subscribe") {
      const from = [message.subscription].flat().map((channel) => [channel, this.#heard]);
      message.ext = { ...message.ext, replay: Object.fromEntries(from) };
    }
    return message;
  }

  incoming(message) {
    this.#heard = Math.max(this.#heard, message.data?.event?.replayId ?? -1);
    return message;
  }
}

const EXTENSIONS = {
  ack: AckExtension,
  reload: ReloadExtension,
  replay: ReplayExtension,
  timesync: TimeSyncExtension,
};

// How long a client waits before it tries again, in milliseconds: one pause more each time, up to a minute, as it comes;
// or the same pause each time.
function pauses(pause) {
  return pause === 1000 ? {} : { backoffIncrement: pause, maxBackoff: pause };
}

// `prepare` is called with the options of each client before it is made.
export function desktop(tell, prepare) {
  let client = null;
  let subscriptions = new Map();

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
      const reload = reply.ext?.reload ?? false;
      tell({ event: "handshake", successful, clientId: client.getClientId(), transport, error, advice, reload });
      if (successful) {
        client.batch(() => channels.forEach(subscribe));
      }
    });
    client.addListener("/meta/connect", (reply) => {
      const failure = reply.failure ? { httpCode: reply.failure.httpCode ?? null } : null;
      const { successful, error, advice, ext } = reply;
      tell({ event: "connect", successful, error, advice, ext, failure });
    });
  }

  return {
    start(options) {
      const { url, transport, headers, cookie, channels, extensions = [], pause = 1000 } = options;
      prepare(options);
      client = new CometD();
      TRANSPORTS.filter((type) => type !== transport).forEach((type) => client.unregisterTransport(type));
      extensions.forEach((name) => client.registerExtension(name, new EXTENSIONS[name]()));
      const requestHeaders = cookie ? { ...headers, Cookie: cookie } : headers;
      client.configure({ url, requestHeaders, logLevel: "warn", maxNetworkDelay: 10000, ...pauses(pause) });
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
    reload() {
      client.reload();
      window.location.reload();
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
}
