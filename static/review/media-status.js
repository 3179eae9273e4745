// @ts-check
import { make } from "./make.js";
import { MEDIA_FAILED } from "./messages.js";

/**
 * What is said in place of an image that did not load; empty while it loads or once it is there.
 * @param {HTMLImageElement} image
 * @param {() => void} tryAgain
 */
export function makeStatus(image, tryAgain) {
  const status = make("div", { class: "media-status", role: "status" });
  const say = () => {
    if (!("failed" in image.dataset)) return status.replaceChildren();
    const button = make("button", { type: "button", class: "button" }, "Try again");
    button.addEventListener("click", tryAgain);
    return status.replaceChildren(make("span", {}, MEDIA_FAILED), button);
  };
  say();
  image.addEventListener("error", () => {
    image.dataset.failed = "";
    say();
  });
  return status;
}

/** Ask for the same image again. @param {HTMLImageElement} image */
export function loadAgain(image) {
  delete image.dataset.failed;
  const source = image.src;
  image.removeAttribute("src");
  image.src = source;
  return image.decode().then(
    () => (image.dataset.ready = ""),
    () => (image.dataset.failed = ""),
  );
}
