export const exportFormats = ["har", "saz", "ndjson", "html", "markdown"] as const;
export type ExportFormat = (typeof exportFormats)[number];
