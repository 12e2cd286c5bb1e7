"""How a report looks: light, calm, readable at 400 pixels and on paper."""

from __future__ import annotations

STYLE = """
:root { color-scheme: light; --ink: #22262b; --soft: #565f69; --line: #d9dde2; --wash: #f5f7f9; --blue: #1f5fa8 }
* { box-sizing: border-box }
body { font: 16px/1.55 system-ui, "DejaVu Sans", sans-serif; color: var(--ink); background: #fff; margin: 0 }
main, header, nav { max-width: 70rem; margin: 0 auto; padding: 0 1rem }
header { padding-top: 1.5rem }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .3rem; overflow-wrap: anywhere }
h2 { font-size: 1.25rem; margin: 2.6rem 0 .6rem; padding-top: .8rem; border-top: 1px solid var(--line) }
h3 { font-size: 1rem; margin: 1.4rem 0 .4rem } p, li { max-width: 46rem }
.soft, .caption, figcaption { color: var(--soft) }
nav ul { columns: 15rem; padding: .8rem 1rem .8rem 1.8rem; background: var(--wash); border-radius: 6px; margin: 1rem 0 }
a { color: var(--blue) } .none { color: var(--soft) }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: .7rem; margin: 1rem 0 }
.card { border: 1px solid var(--line); border-radius: 6px; padding: .6rem .8rem }
.card b { display: block; font-size: 1.45rem }
.card small { color: var(--soft); display: block }
.note { border-left: 4px solid #b8860b; padding: .1rem .8rem; margin: .6rem 0 }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: 1rem 0 }
.facts dt { color: var(--soft) } .facts dd { margin: 0; overflow-wrap: anywhere }
.wide { overflow-x: auto } table { border-collapse: collapse; font-size: .9rem }
.table { margin: 1rem 0 } .caption { margin: 0; font-size: .9rem } .wide { margin: .2rem 0 }
th, td { padding: .28rem .6rem; border-bottom: 1px solid var(--line) }
th, td { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums } th { font-weight: 600 }
th.text, td.text { text-align: left } thead th { border-bottom: 2px solid var(--line); vertical-align: bottom }
.confusion thead th:not(.text) { text-align: center }
.confusion td { print-color-adjust: exact; -webkit-print-color-adjust: exact }
.confusion td { min-width: 3.9rem; text-align: center; border: 1px solid #fff; padding: .2rem .3rem }
.confusion td small { display: block; font-size: .7rem; line-height: 1.1 }
.confusion td.hit { font-weight: 700 }
.confusion tbody th { position: sticky; left: 0; background: #fff; z-index: 1 }
.confusion thead th { font-size: .8rem }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 21rem), 1fr)); gap: 1rem 2rem }
.small { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 17rem), 1fr)); gap: .6rem 1.2rem }
.small figure { display: flex; flex-direction: column; justify-content: space-between; font-size: .9rem }
figure { margin: .4rem 0 } svg.chart { width: 100%; height: auto; max-width: 34rem; display: block }
svg text { font-size: 13px; fill: var(--ink) } svg .tick { font-size: 12px; fill: var(--soft) }
svg .grid { stroke: var(--line); fill: none } svg .line { fill: none; stroke-width: 2.2 }
svg .ideal { stroke: #8b929b; stroke-dasharray: 3 4; fill: none; stroke-width: 1.4 }
.legend { list-style: none; padding: 0; margin: .3rem 0; font-size: .88rem }
.legend { display: flex; flex-wrap: wrap; gap: .1rem 1.1rem }
.faces { display: flex; flex-wrap: wrap; gap: .6rem; margin: .4rem 0 }
.faces figure { width: 6.1rem; margin: 0 }
.faces img { width: 6rem; height: 6rem; object-fit: contain; background: var(--wash); display: block }
.faces figcaption { font-size: .74rem; line-height: 1.25; overflow-wrap: anywhere; padding-top: .15rem }
.maps figure { width: 13rem }
.maps img { width: 13rem; height: auto } details { border-bottom: 1px solid var(--line); padding: .35rem 0 }
summary { cursor: pointer; font-weight: 600 }
footer { margin: 3rem 0 2rem; color: var(--soft); font-size: .85rem }
@media (max-width: 30rem) { body { font-size: 15px } .facts { grid-template-columns: 1fr }
.facts dd { margin-bottom: .4rem }
  th, td { padding: .28rem .4rem } .faces figure, .faces img { width: 5.2rem } .faces img { height: 5.2rem }
  .maps figure, .maps img { width: 10.5rem; height: auto } }
@media print { body { font-size: 10.5pt } nav { display: none } .wide { overflow: visible } a { color: inherit }
  h2, h3, summary { break-after: avoid } figure, tr, .card { break-inside: avoid }
  details::details-content { content-visibility: visible; display: block; height: auto } }
"""
