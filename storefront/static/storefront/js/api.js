// Draws the API's description from its schema; everything it loads is the shop's own.
"use strict";

const dark = matchMedia("(prefers-color-scheme: dark)");
const followTheme = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", followTheme);
followTheme();

addEventListener("DOMContentLoaded", () => {
  const place = document.getElementById("api");
  SwaggerUIBundle({
    url: place.dataset.schema,
    domNode: place,
    presets: [SwaggerUIBundle.presets.apis],
    layout: "BaseLayout",
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    validatorUrl: null,
    deepLinking: false,
    supportedSubmitMethods: ["get", "post", "put", "delete"],
    // Who is signed in asks as themselves; the shop takes no change without its page's token.
    requestInterceptor: (request) => {
      if (new URL(request.url, location.href).origin === location.origin && place.dataset.csrf) {
        request.headers["X-CSRFToken"] = place.dataset.csrf;
      }
      return request;
    },
  });
});
