// Draws the API's description from its schema; everything it loads is the shop's own.
"use strict";

addEventListener("DOMContentLoaded", () => {
  const place = document.getElementById("api");
  SwaggerUIBundle({
    url: place.dataset.schema,
    domNode: place,
    presets: [SwaggerUIBundle.presets.apis],
    layout: "BaseLayout",
    docExpansion: "full",
    defaultModelsExpandDepth: 0,
    validatorUrl: null,
    deepLinking: false,
    supportedSubmitMethods: ["get"],
  });
});
