namespace MLNet.DeepExtensions;

/// <summary>How a report looks, on a screen in light and dark, and on paper.</summary>
internal static class ReportStyle
{
    public const string Css = """
        :root { color-scheme: light dark; --text: #1a1a1a; --quiet: #5c5c5c; --line: #dcdcdc; --ground: #ffffff; --card: #f6f7f8; --mark: #0072b2; }
        @media (prefers-color-scheme: dark) { :root { --text: #e8e8e8; --quiet: #a8a8a8; --line: #3a3d40; --ground: #17191b; --card: #212427; --mark: #56b4e9; } }
        @media print { :root { --text: #000; --quiet: #444; --line: #bbb; --ground: #fff; --card: #fff; --mark: #0072b2; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--ground); color: var(--text); font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
        main { max-width: 68rem; margin: 0 auto; padding: 2.5rem 1.5rem 4rem; }
        h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .3rem; overflow-wrap: anywhere; }
        h2 { font-size: 1.25rem; margin: 2.6rem 0 .8rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line); }
        h3 { font-size: 1rem; margin: 1.4rem 0 .4rem; }
        p { margin: .4rem 0; max-width: 46rem; }
        .quiet { color: var(--quiet); }
        .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .8rem; margin: 1.6rem 0 0; }
        .tile { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .8rem 1rem; }
        .tile b { display: block; font-size: 1.45rem; line-height: 1.3; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
        .tile span { color: var(--quiet); font-size: .85rem; }
        .wide { overflow-x: auto; }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: .3rem 0; }
        th, td { text-align: left; padding: .28rem 1.2rem .28rem 0; border-bottom: 1px solid var(--line); vertical-align: top; white-space: pre; }
        th { color: var(--quiet); font-weight: 600; font-size: .85rem; white-space: nowrap; }
        th.number, td.number { text-align: right; }
        .layers td:first-child { font-family: ui-monospace, "Cascadia Mono", Consolas, "DejaVu Sans Mono", monospace; font-size: .85rem; line-height: 1.5; }
        dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); gap: 0 2rem; margin: .3rem 0; }
        dl div { display: grid; grid-template-columns: 11rem 1fr; gap: .8rem; border-bottom: 1px solid var(--line); padding: .28rem 0; }
        dt { color: var(--quiet); overflow-wrap: anywhere; } dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
        figure { margin: 1rem 0; } figcaption { color: var(--quiet); font-size: .85rem; margin-top: .3rem; }
        img { display: block; max-width: 100%; height: auto; background: #fff; border: 1px solid var(--line); border-radius: .5rem; }
        .matrix img { max-height: 46rem; width: auto; }
        details { margin: .6rem 0; } summary { cursor: pointer; color: var(--mark); }
        @media print { main { max-width: none; padding: 0; } body { font-size: 10pt; } h2, h3 { break-after: avoid; } figure, .tile, tr { break-inside: avoid; } th, td { white-space: pre-wrap; padding-right: .8rem; } }
        """;
}
