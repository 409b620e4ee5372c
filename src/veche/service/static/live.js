// What happens on the server while a page is open: each event of /live/ becomes `veche:<kind>` on the body,
// with detail {tenant, key}. Parts of a page refresh by it: hx-trigger="veche:card from:body throttle:2s".
//
// A page that nobody sees holds no connection (a browser has few of them for one server). After a pause, and
// where the server has no stream to spare, all kinds are told once, as if each had happened: then nothing
// that was missed stays unseen.

const KINDS = ["counts", "card", "urgent", "theme", "import"];
const AGAIN_MS = 60_000;
const POLL_MS = 30_000;
const address = document.body.dataset.live;
let stream = null;
let known = false;
let waiting = 0;
let polling = 0;

function happened(kind, detail) {
  document.body.dispatchEvent(new CustomEvent(`veche:${kind}`, { detail, bubbles: true }));
}

function anything() {
  for (const kind of KINDS) happened(kind, { tenant: "", key: "" });
}

function open() {
  if (stream || document.hidden || !address) return;
  stream = new EventSource(address);
  stream.addEventListener("ready", () => {
    clearInterval(polling);
    polling = 0;
    // The first time the page itself is as new as the stream.
    if (known) anything();
    known = true;
    document.documentElement.dataset.live = "on";
  });
  for (const kind of KINDS) {
    stream.addEventListener(kind, (event) => happened(kind, JSON.parse(event.data)));
  }
  stream.addEventListener("error", () => {
    document.documentElement.dataset.live = "off";
    // Otherwise the browser tries again by itself: the stream ended or the network was away.
    if (stream?.readyState === EventSource.CLOSED) ask();
  });
}

/** Without a stream: look now and then, and try for a stream again. */
function ask() {
  close();
  polling ||= setInterval(() => !document.hidden && anything(), POLL_MS);
  waiting = setTimeout(open, AGAIN_MS);
}

function close() {
  clearTimeout(waiting);
  stream?.close();
  stream = null;
}

document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
addEventListener("pagehide", close);
addEventListener("pageshow", open);
open();
