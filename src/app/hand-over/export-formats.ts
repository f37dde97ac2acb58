export const exportFormats = ["har", "saz", "ndjson", "pcapng", "html", "markdown"] as const;
export type ExportFormat = (typeof exportFormats)[number];
