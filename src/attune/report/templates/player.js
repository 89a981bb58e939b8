// The sound: one audio element, its position shown by the playhead and set by pointer or keys.
function makePlayer(root) {
  const audio = root.querySelector("audio"), wave = root.querySelector(".wave");
  const button = root.querySelector(".play"), clock = root.querySelector(".clock");
  let seconds = 0, address = null;

  const at = () => Math.min(audio.currentTime || 0, seconds);

  function show() {
    const head = wave.querySelector(".playhead"), x = seconds ? (at() / seconds) * 1000 : 0;
    head?.setAttribute("x1", x);
    head?.setAttribute("x2", x);
    wave.setAttribute("aria-valuenow", at().toFixed(2));
    wave.setAttribute("aria-valuetext", `${at().toFixed(2)} of ${seconds.toFixed(2)} seconds`);
    clock.textContent = `${at().toFixed(2)} / ${seconds.toFixed(2)} s`;
  }

  function follow() {
    show();
    if (!audio.paused) requestAnimationFrame(follow);
  }

  function load(one) {
    audio.pause();
    if (address) URL.revokeObjectURL(address);
    const [head, body] = one.sound.split(";base64,");
    const bytes = Uint8Array.from(atob(body), (letter) => letter.charCodeAt(0));
    address = URL.createObjectURL(new Blob([bytes], { type: head.slice(5) }));
    audio.src = address;
    seconds = one.seconds;
    wave.setAttribute("aria-valuemax", seconds.toFixed(2));
    show();
  }

  function seek(position) {
    audio.currentTime = Math.max(0, Math.min(position, seconds));
    show();
  }

  function toggle() {
    if (!audio.paused) return audio.pause();
    if (at() >= seconds - 0.02) seek(0);
    audio.play().catch(() => { clock.textContent = "cannot play here"; });
  }

  function mark() {
    button.classList.toggle("playing", !audio.paused);
    button.setAttribute("aria-label", audio.paused ? "Play" : "Pause");
    follow();
  }

  function seekByPointer(event) {
    const box = wave.querySelector("svg").getBoundingClientRect();
    seek(((event.clientX - box.left) / box.width) * seconds);
  }

  for (const name of ["play", "pause", "ended"]) audio.addEventListener(name, mark);
  audio.addEventListener("seeked", show);
  button.addEventListener("click", toggle);
  wave.addEventListener("pointerdown", seekByPointer);
  wave.addEventListener("pointermove", (event) => { if (event.buttons === 1) seekByPointer(event); });
  wave.addEventListener("keydown", (event) => {
    const moves = { ArrowLeft: at() - 0.1, ArrowDown: at() - 0.1, ArrowRight: at() + 0.1, ArrowUp: at() + 0.1, Home: 0, End: seconds };
    if (event.key === " " || event.key === "Enter") toggle();
    else if (event.key in moves) seek(moves[event.key]);
    else return;
    event.preventDefault();
  });
  return { load, show };
}
