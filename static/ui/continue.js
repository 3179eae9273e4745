// @ts-check
/* A form that only has to be sent is sent at once; without script there is its button. */
const form = document.querySelector("form[data-continue]");
if (form instanceof HTMLFormElement) form.requestSubmit();
