import type { RawUniversalConfig } from "@redocly/openapi-core";
import { oas } from "@stoplight/spectral-rulesets";

/** Every rule of Redocly's strict set. */
export const redoclyRules: RawUniversalConfig = { extends: ["recommended-strict"] };

/** Every rule that Spectral has for OpenAPI but these. */
export const spectralRules: object = {
  extends: [[oas, "all"]],
  rules: {
    // Who runs a server is not known here.
    "info-contact": "off",
    // It takes the scopes of a bearer key for those of OAuth, which would be listed. OpenAPI 3.1 lets any scheme name some.
    "oas3-operation-security-defined": "off",
    // They stand in the order in which a reader needs them.
    "openapi-tags-alphabetical": "off",
  },
};
