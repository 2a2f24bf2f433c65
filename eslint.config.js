const RULES = {
  "array-callback-return": "error",
  "constructor-super": "error",
  "curly": ["error", "multi-line"],
  "eqeqeq": "error",
  "for-direction": "error",
  "getter-return": "error",
  "no-alert": "error",
  "no-async-promise-executor": "error",
  "no-compare-neg-zero": "error",
  "no-cond-assign": "error",
  "no-console": ["error", { allow: ["error", "warn"] }],
  "no-const-assign": "error",
  "no-debugger": "error",
  "no-dupe-args": "error",
  "no-dupe-else-if": "error",
  "no-dupe-keys": "error",
  "no-duplicate-case": "error",
  "no-empty": "error",
  "no-eval": "error",
  "no-fallthrough": "error",
  "no-implied-eval": "error",
  "no-self-assign": "error",
  "no-sparse-arrays": "error",
  "no-undef": "error",
  "no-unreachable": "error",
  "no-unsafe-finally": "error",
  "no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
  "no-use-before-define": ["error", { functions: false, variables: false }],
  "no-useless-escape": "error",
  "no-var": "error",
  "object-shorthand": "error",
  "prefer-const": "error",
  "use-isnan": "error",
  "valid-typeof": "error",
};

// The DOM names our modules use; a misspelt one is then an undefined variable, not a silent global.
const BROWSER = [
  "AbortController", "Blob", "CSS", "CompressionStream", "CustomEvent", "DOMException", "DOMParser", "DataTransfer", "DecompressionStream", "Element",
  "Event", "EventTarget", "File", "FormData", "HTMLAnchorElement", "HTMLButtonElement", "HTMLCanvasElement", "HTMLDialogElement",
  "HTMLElement", "HTMLFormElement", "HTMLInputElement", "HTMLSelectElement", "HTMLTextAreaElement", "Headers",
  "IDBKeyRange", "Image", "ImageData", "IntersectionObserver", "KeyboardEvent", "MutationObserver", "Node",
  "PointerEvent", "ResizeObserver", "Response", "TextDecoder", "TextEncoder", "URL", "URLSearchParams", "Worker", "XMLHttpRequest",
  "OffscreenCanvas", "Path2D", "addEventListener", "atob", "btoa", "cancelAnimationFrame", "clearInterval", "clearTimeout", "console", "createImageBitmap", "crypto",
  "customElements", "devicePixelRatio", "document", "fetch", "getComputedStyle", "history", "indexedDB",
  "localStorage", "location", "matchMedia", "navigator", "performance", "postMessage", "queueMicrotask", "removeEventListener",
  "requestAnimationFrame", "requestIdleCallback", "self", "sessionStorage", "setInterval", "setTimeout",
  "structuredClone", "window",
];
const asGlobals = (names) => Object.fromEntries(names.map((name) => [name, "readonly"]));

export default [
  { ignores: ["frontend_static/vendor/", ".venv/", "var/"] },
  {
    files: ["frontend_static/**/*.js"],
    languageOptions: { ecmaVersion: 2024, sourceType: "module", globals: asGlobals(BROWSER) },
    rules: RULES,
  },
  {
    files: ["tests/js/**/*.js"],
    languageOptions: {
      ecmaVersion: 2024,
      sourceType: "module",
      globals: asGlobals([
        "AbortController", "Blob", "CompressionStream", "DecompressionStream", "FormData", "Response", "TextDecoder", "TextEncoder",
        "Buffer", "URL", "crypto", "performance", "process", "setTimeout", "clearTimeout", "structuredClone",
      ]),
    },
    rules: RULES,
  },
];
