/** The style sheet for light and dark, narrow screens and paper. Every colour is also a word or a shape on the page. */
export const reportStyle = `
:root{color-scheme:light dark;--page:#f4f6f8;--card:#fff;--ink:#1a1f26;--soft:#55606c;--edge:#d5dbe1;--link:#0b57a4;
--good:#0b6a2c;--bad:#ad1029;--warn:#744900;--plain:#46525e;--good-bg:#e3f5e8;--bad-bg:#fde8ea;--warn-bg:#fdf1d8;--plain-bg:#e9edf1}
@media (prefers-color-scheme:dark){:root{--page:#0e1216;--card:#161b21;--ink:#e6ebf1;--soft:#9fabb8;--edge:#303942;--link:#7cbcff;
--good:#5fdc83;--bad:#ff8f8a;--warn:#eebd57;--plain:#b6c2ce;--good-bg:#10291a;--bad-bg:#34151a;--warn-bg:#2e2410;--plain-bg:#222a32}}
*{box-sizing:border-box}
html{scroll-behavior:smooth}@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
body{font:16px/1.55 system-ui,-apple-system,"Segoe UI",sans-serif;color:var(--ink);background:var(--page);max-width:66rem;margin:0 auto;padding:1.5rem}
a{color:var(--link)}:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.skip{position:absolute;left:-99rem}.skip:focus{position:static}
h1,h2,h3,h4{line-height:1.25}h2{font-size:1.3rem;margin:2.4rem 0 .9rem}h3{font-size:1.05rem;margin:0 0 .6rem;overflow-wrap:anywhere}h4{font-size:.9rem;margin:0}
p{margin:.35rem 0}ul,ol{margin:.4rem 0;padding-left:1.3rem}
code{font:.9em ui-monospace,"Cascadia Mono",Menlo,Consolas,monospace;overflow-wrap:anywhere}
.soft,caption,footer{color:var(--soft);font-size:.9rem;font-weight:400}.evidence{color:var(--soft);font-size:.85rem}
.banner{background:var(--card);border:1px solid var(--edge);border-left:.6rem solid var(--plain);border-radius:.7rem;padding:1.3rem 1.6rem}
.banner h1{font-size:2rem;margin:.2rem 0;display:flex;gap:.8rem;align-items:center;flex-wrap:wrap}
.banner .mark{font:700 1.3rem/1 ui-monospace,Menlo,Consolas,monospace;padding:.45rem .6rem;border-radius:.5rem}
.banner .meaning{font-size:1.1rem}
.banner.good{border-left-color:var(--good)}.banner.bad{border-left-color:var(--bad)}.banner.warn{border-left-color:var(--warn)}
.good .mark{color:var(--good);background:var(--good-bg)}.bad .mark{color:var(--bad);background:var(--bad-bg)}.warn .mark{color:var(--warn);background:var(--warn-bg)}.plain .mark{color:var(--plain);background:var(--plain-bg)}
.first{margin-top:1rem;padding:.9rem 1.1rem;border-radius:.5rem;background:var(--plain-bg);overflow-wrap:anywhere}.first h2{margin:0 0 .3rem;font-size:1rem}
.numbers{list-style:none;display:flex;flex-wrap:wrap;gap:.4rem .6rem;padding:0;margin:1.1rem 0 0}
.numbers li{padding:.2rem .7rem;border-radius:1rem;background:var(--plain-bg);color:var(--plain);font-size:.9rem}
.numbers .bad{background:var(--bad-bg);color:var(--bad)}.numbers .warn{background:var(--warn-bg);color:var(--warn)}
nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.3rem 1.3rem;padding:0;margin:1rem 0 0;font-size:.95rem}
.card{background:var(--card);border:1px solid var(--edge);border-radius:.7rem;padding:1rem 1.2rem;margin:0 0 1rem}
.card.bad{border-left:.35rem solid var(--bad)}.card.warn{border-left:.35rem solid var(--warn)}.card.good{border-left:.35rem solid var(--good)}
.pill{display:inline-block;padding:.1rem .6rem;border-radius:1rem;font-size:.82rem;font-weight:600;background:var(--plain-bg);color:var(--plain);white-space:nowrap}
.pill.good{background:var(--good-bg);color:var(--good)}.pill.bad{background:var(--bad-bg);color:var(--bad)}.pill.warn{background:var(--warn-bg);color:var(--warn)}
.remedy{margin:.7rem 0;padding:.6rem .9rem;border-radius:.5rem;background:var(--plain-bg);overflow-wrap:anywhere}.card p{overflow-wrap:anywhere}
.told li{margin:.35rem 0;overflow-wrap:anywhere}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(17rem,1fr));gap:.5rem 1.2rem;margin:.3rem 0 1rem}
.facts dt{color:var(--soft);font-size:.82rem}.facts dd{margin:0;overflow-wrap:anywhere;font-size:.93rem}.facts code{font-size:.85em}
.checklist{list-style:none;padding:0}.checklist li{margin:.45rem 0}
.scroll{overflow-x:auto;background:var(--card);border:1px solid var(--edge);border-radius:.7rem;padding:.4rem .9rem;margin:.6rem 0}
table{border-collapse:collapse;width:100%;font-size:.9rem}caption{text-align:left;padding:.4rem 0}
th,td{text-align:left;padding:.35rem .8rem .35rem 0;border-bottom:1px solid var(--edge);vertical-align:top;white-space:nowrap}tbody tr:last-child>*{border-bottom:0}
thead th{color:var(--soft);font-weight:600}tbody th{font:.9em ui-monospace,Menlo,Consolas,monospace}.request{white-space:normal;overflow-wrap:anywhere;min-width:16rem}.request span{color:var(--soft)}
tr.bad td,tr.bad th{color:var(--bad);font-weight:600}tr.warn td:nth-of-type(3){color:var(--warn);font-weight:600}tr.good td:nth-of-type(3){color:var(--good);font-weight:600}tr:target>*{background:var(--warn-bg)}
svg{display:block}svg text{font:13px system-ui,-apple-system,"Segoe UI",sans-serif;fill:var(--ink);text-anchor:middle}
.ladder{width:100%;height:auto;max-width:60rem}.ladder .party{fill:var(--plain-bg);stroke:var(--edge)}.ladder .lane{font-weight:600;font-size:12px;fill:var(--soft)}.ladder .name{font-size:13px}.ladder .line{stroke:var(--edge);stroke-width:1.5}
.ladder .arrow{stroke:var(--good);stroke-width:2.2;fill:none}.ladder .tip{fill:var(--good)}.ladder .step{font-weight:600;paint-order:stroke;stroke:var(--card);stroke-width:5px}.ladder .note{fill:var(--soft);font-size:12px;paint-order:stroke;stroke:var(--card);stroke-width:5px}
.ladder .evidence{text-anchor:end;font:12px ui-monospace,Menlo,Consolas,monospace;fill:var(--soft)}.ladder .badge rect{fill:var(--good-bg)}.ladder .badge text{fill:var(--good);font-weight:700;font-size:12px}
.ladder .failed .arrow{stroke:var(--bad)}.ladder .failed .tip,.ladder .failed .note{fill:var(--bad)}.ladder .failed .note{font-weight:700}.ladder .failed .badge rect{fill:var(--bad-bg)}.ladder .failed .badge text{fill:var(--bad)}
.ladder .unseen .arrow{stroke:var(--soft);stroke-dasharray:5 5;stroke-width:1.6}.ladder .unseen .tip{fill:var(--soft)}.ladder .unseen .step{fill:var(--soft);font-weight:400}.ladder .unseen .badge rect{fill:var(--plain-bg)}.ladder .unseen .badge text{fill:var(--plain)}
.steps{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.timeline{width:100%;min-width:44rem;height:auto}.timeline .tick{stroke:var(--edge)}.timeline .when{font-size:11px;fill:var(--soft)}.timeline .host{text-anchor:start;font-size:12px}
.timeline .took{stroke:currentColor;stroke-width:3;opacity:.45;fill:none}.timeline g{fill:currentColor;color:var(--plain)}.timeline .good{color:var(--good)}.timeline .bad{color:var(--bad)}.timeline .warn{color:var(--warn)}.timeline .hollow{fill:var(--card);stroke:currentColor;stroke-width:2}
.symbol{display:inline-block;width:1rem;min-width:0;height:1rem;vertical-align:-.15rem}.legend{list-style:none;display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;padding:0;font-size:.88rem;color:var(--soft)}
.tree,.tree ul{list-style:none;margin:0;padding-left:0}.tree ul{padding-left:1.1rem;border-left:1px solid var(--edge);margin-left:.3rem}.tree li{margin:.18rem 0;overflow-wrap:anywhere}
.tree .node{margin-top:.6rem}.tree .kind{color:var(--soft)}.tree .name{color:var(--soft);font:.88em ui-monospace,Menlo,Consolas,monospace}.tree .branch>.name{font-weight:700;color:var(--ink)}.tree .meaning{color:var(--link);font-size:.88rem}
summary{cursor:pointer;color:var(--link);font-size:.92rem}
.life{max-width:36rem;margin:.3rem 0}.life svg{width:100%;height:1.4rem}.life p{margin:0;font-size:.9rem}.life .ends{display:flex;justify-content:space-between;gap:.8rem;font-size:.82rem;color:var(--soft)}
.life .bar{fill:var(--plain-bg);stroke:var(--edge)}.life .used.good{fill:var(--good)}.life .used.bad{fill:var(--bad)}.life .now{stroke:var(--ink);stroke-width:3}
strong.good{color:var(--good)}strong.bad,li.bad{color:var(--bad)}
footer{margin-top:2.5rem}
@media (max-width:44rem){body{padding:.8rem}.banner{padding:1rem}.banner h1{font-size:1.6rem}.card{padding:.8rem}.ladder{display:none}.facts{grid-template-columns:1fr}
.steps{position:static;width:auto;height:auto;overflow:visible;clip-path:none;white-space:normal;font-size:.93rem}.steps li{margin:.3rem 0}.steps .failed{color:var(--bad);font-weight:600}.steps .unseen{color:var(--soft)}.tree ul{padding-left:.6rem}}
@media print{:root{color-scheme:light;--page:#fff;--card:#fff;--ink:#000;--soft:#444;--edge:#bbb;--link:#000;--good:#0b6a2c;--bad:#ad1029;--warn:#744900;--plain:#333;--good-bg:#eef7f0;--bad-bg:#fdf0f1;--warn-bg:#fdf6e6;--plain-bg:#f3f4f6}
@page{margin:14mm}body{max-width:none;padding:0;font-size:10.5pt}nav,.skip,summary{display:none}a{text-decoration:none}.card,.first,.banner,tr,.life{break-inside:avoid}.tree .card{break-inside:auto}article.card:has(.tree){break-inside:auto}h2,h3{break-after:avoid}
.scroll{overflow:visible;border:0;padding:0}.timeline{min-width:0}.request{min-width:0}*{print-color-adjust:exact}}
`;
