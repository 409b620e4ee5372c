// The bell on every page: marks the title while something urgent waits, and sounds only for those who asked.

const SOUND = "veche-bell-sound";
const QUIET_MS = 2500;
const heard = () => Number(document.querySelector("#bell [data-count]")?.dataset.count ?? 0);
let rung = heard();

function mark() {
  const plain = document.title.replace(/^\(!\d+\) /, "");
  document.title = heard() ? `(!${heard()}) ${plain}` : plain;
}

function sound() {
  const context = new AudioContext();
  const volume = new GainNode(context, { gain: 0.08 });
  const tone = new OscillatorNode(context, { frequency: 740 });
  tone.connect(volume).connect(context.destination);
  tone.start();
  tone.stop(context.currentTime + 0.35);
  tone.onended = () => context.close();
}

function ring() {
  if (heard() > rung && localStorage.getItem(SOUND) === "on") sound();
  rung = heard();
  mark();
}

function showSwitch() {
  const button = document.querySelector("#bell-sound");
  if (!button || button.dataset.ready) return;
  button.dataset.ready = "yes";
  button.hidden = false;
  button.ariaPressed = String(localStorage.getItem(SOUND) === "on");
  button.addEventListener("click", () => {
    const on = button.ariaPressed !== "true";
    localStorage.setItem(SOUND, on ? "on" : "off");
    button.ariaPressed = String(on);
    if (on) sound();
  });
}

function look() {
  ring();
  showSwitch();
}

/** Of what comes right after the last look the throttle lets nothing through: so one more look, when it is quiet. */
let quiet = 0;
function later() {
  clearTimeout(quiet);
  quiet = setTimeout(() => window.htmx?.trigger("#bell", "bell:look"), QUIET_MS);
}

look();
document.addEventListener("veche:urgent", later);
document.addEventListener("htmx:afterSettle", look);
