// Entry point: registers the elements and opens the event stream.

import "./components/av-app.js";
import { live } from "./net/live.js";

live.start();
