/** Two schemes of the same page, and paper. Tones are words in the text, too. */
export const reportStyle = `
:root{color-scheme:light dark;--ink:#1c2128;--paper:#fff;--soft:#57606a;--edge:#d0d7de;--good:#116329;--bad:#a40e26;--warn:#7d4e00}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--paper:#14181d;--soft:#9aa4af;--edge:#3a424b;--good:#56d364;--bad:#ff7b72;--warn:#e3b341}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:62rem;margin:0 auto;padding:1.5rem}
h1{font-size:1.3rem;margin:0}h2{font-size:1.15rem;border-bottom:1px solid var(--edge);margin-top:2rem}h3{font-size:1rem;margin:1.2rem 0 .3rem;overflow-wrap:anywhere}
.verdict{font-size:1.35rem;font-weight:600;margin:.4rem 0}.mark{font-family:ui-monospace,monospace}.small{color:var(--soft);font-size:.85rem;margin:.2rem 0}
.good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem .9rem;margin:.3rem 0}dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere;font-family:ui-monospace,monospace;font-size:.88rem}
.scroll{overflow-x:auto}table{border-collapse:collapse;font-size:.85rem;width:100%}caption{text-align:left;color:var(--soft)}th,td{text-align:left;padding:.15rem .6rem .15rem 0;border-bottom:1px solid var(--edge);white-space:nowrap}
svg.ladder{width:100%;max-width:860px;height:auto;display:block}svg text{font:12px system-ui,sans-serif;fill:var(--ink);text-anchor:middle}svg .lane{font-weight:600}svg .note{fill:var(--soft);font-size:11px}svg .line{stroke:var(--edge)}
svg .arrow{stroke:var(--ink);stroke-width:1.6;fill:none}svg .tip{fill:var(--ink)}svg .failed .arrow{stroke:var(--bad)}svg .failed .tip,svg .failed .note{fill:var(--bad)}svg .unseen .arrow{stroke:var(--soft);stroke-dasharray:4 4}svg .unseen .tip{fill:var(--soft)}svg .unseen text{fill:var(--soft)}
svg .bar{fill:var(--edge)}svg .now{stroke:currentColor;stroke-width:3}.life{font-size:.9rem}.steps{position:absolute;left:-9999px}
@media print{body{max-width:none;padding:0}article,tr{break-inside:avoid}.scroll{overflow:visible}td,th{white-space:normal}}
`;
