// The peer: faye's server as published, with its own defaults. `node faye.js BYTES`
import http from "node:http";
import faye from "faye";
import { serve } from "./publishing.js";

const bayeux = new faye.NodeAdapter({ mount: "/", timeout: 30 });
const server = http.createServer();
bayeux.attach(server);
const client = bayeux.getClient();
serve(server, Number(process.argv[2]), (number, data) => client.publish(`/client/${number}`, data));
