// The wall screen: nobody touches it. It asks for itself anew when appeals come, at most every few seconds, and
// at least every minute, and stands still otherwise.

import { draw } from "./charts.js";

const PAUSE_MS = 4000;
const LEAST_MS = 60_000;
let waiting = 0;

async function renew() {
  waiting = 0;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("wall");
    // A session that ended shows the page to sign in; the wall then says when it was last true.
    document.body.classList.toggle("stale", !answer.ok || !fresh);
    if (!answer.ok || !fresh) return;
    document.getElementById("wall").replaceWith(document.adoptNode(fresh));
    draw();
  } catch {
    document.body.classList.add("stale");
  }
}

document.body.addEventListener("veche:counts", () => {
  waiting ||= setTimeout(renew, PAUSE_MS);
});
setInterval(renew, LEAST_MS);
draw();
