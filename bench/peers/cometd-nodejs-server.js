// The peer: cometd-nodejs-server as published; it has no WebSocket. `node cometd-nodejs-server.js BYTES`
import http from "node:http";
import cometd from "cometd-nodejs-server";
import { serve } from "./publishing.js";

const bayeux = cometd.createCometDServer();

serve(http.createServer(bayeux.handle), Number(process.argv[2]), (number, data) => {
  bayeux.createServerChannel(`/client/${number}`).publish(null, data);
});
