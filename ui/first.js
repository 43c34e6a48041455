// Shows the first tab as soon as the stylesheet is there, from what Gradio was sent to build the page of; page.js
// takes it away once Gradio has built it. It answers nothing, so a link to another case waits for the page itself.
{
  const sent = {};
  for (const { props } of window.gradio_config?.components ?? []) sent[props.elem_id] = props.props?.grid ?? props.value;
  if (sent.head && !location.search) {
    const view = Object.assign(document.createElement("div"), { id: "first", className: "gradio-container", inert: true });
    view.innerHTML = `<div class="app"><div id="head">${sent.head}</div><div id="shell">
      <div id="main">${sent.cases}${sent.grid}</div>
      <div id="side"><div>${sent.answer}</div><div>${sent.reasons}</div></div></div></div>`;
    document.body.append(view);
  }
}
