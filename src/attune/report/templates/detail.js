// What is known and what was predicted about one utterance.
function factsOf(one) {
  const gender = { F: "female", M: "male" }[one.gender];
  return [one.speaker, gender, one.scenario, one.category && `category “${one.category}”`, `${one.seconds.toFixed(2)} s`]
    .filter(Boolean).join(" · ");
}

function isRight(one, system, task) {
  return one.systems[system][task].class === one.truth[task][1];
}

function verdict(one, task, predicted, classes) {
  const [rating, actual] = one.truth[task], right = predicted.class === actual;
  const bars = predicted.p.flatMap((p, i) => {
    const bar = make("div", { class: "bar" });
    bar.style.width = `${100 * p}%`;
    return [
      make("span", { class: i === actual ? "rated" : "", text: classes[i] }),
      make("div", { class: "bar-ground" }, bar),
      make("span", { class: "share", text: `${(100 * p).toFixed(0)}\u00a0%` }),
    ];
  });
  return make("div", { class: task },
    make("h4", {}, make("span", { class: "swatch" }), capital(task)),
    make("p", { class: `verdict-line ${right ? "right" : "wrong"}`,
      text: `${right ? "Right" : "Wrong"}: predicted ${classes[predicted.class]}, rated ${classes[actual]}` }),
    ...(predicted.score === null ? [] : [make("p", { class: "verdict-line" },
      make("small", { text: `value ${predicted.score.toFixed(2)}, rated ${rating.toFixed(2)}` }))]),
    make("div", { class: "bars" }, ...bars));
}

function showDetail(root, one, predictions, data) {
  root.querySelector(".detail-id").textContent = one.id;
  root.querySelector(".detail-facts").textContent = factsOf(one);
  root.querySelector(".reason").textContent = `${one.reason}.`;
  const transcript = root.querySelector(".transcript");
  transcript.textContent = one.transcript ? `“${one.transcript}”` : "";
  transcript.hidden = !one.transcript;
  root.querySelector(".verdicts").replaceChildren(
    ...data.tasks.filter((task) => predictions[task]).map((task) => verdict(one, task, predictions[task], data.classes[task])));
}
