/// The style sheet of the report: light and dark, narrow and wide, screen and paper.
public enum PageStyle {
    static let css = HTML(markup: colours + frame + parts + paper)

    /// Dark follows the reader's setting, except while the page is being printed.
    public static let colours = """
        :root {
          color-scheme: light;
          --ground: #fbfbfa; --surface: #ffffff; --text: #1b1f24; --muted: #59626d; --line: #e1e4e8;
          --accent: #0b5f95; --code: #f3f4f5; --grid: #e6e9ec; --none: #9aa3ad; --curve: #0072b2;
          --validation: #d55e00; --shadow: 0 1px 2px rgb(20 30 40 / 6%), 0 4px 16px rgb(20 30 40 / 4%);
        }
        @media (prefers-color-scheme: dark) {
          :root:not(.printing) {
            color-scheme: dark;
            --ground: #111418; --surface: #181c21; --text: #e6e8eb; --muted: #9ea8b3; --line: #2b3138;
            --accent: #6cb8ea; --code: #1f242a; --grid: #2a3037; --none: #6d7681; --curve: #56b4e9;
            --validation: #f0935a; --shadow: none;
          }
        }

        """

    private static let frame = """
        * { box-sizing: border-box; }
        html { scroll-behavior: smooth; scroll-padding-top: 4rem; -webkit-text-size-adjust: 100%; }
        body {
          margin: 0; background: var(--ground); color: var(--text);
          font: 1rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
        }
        header.page, main, footer { max-width: 78rem; margin: 0 auto; padding: 0 clamp(1rem, 4vw, 2.5rem); }
        header.page { padding-top: 3.5rem; padding-bottom: 1.75rem; }
        h1 { font-size: clamp(1.7rem, 4vw, 2.4rem); line-height: 1.2; letter-spacing: -.02em; margin: 0; }
        h2 { font-size: 1.45rem; line-height: 1.3; letter-spacing: -.012em; margin: 0 0 .75rem; }
        h3 { font-size: 1rem; line-height: 1.4; margin: 0 0 .25rem; }
        h4 {
          font-size: .78rem; line-height: 1.4; font-weight: 600; color: var(--muted);
          margin: .9rem 0 .35rem;
        }
        h4 span { font-weight: 400; }
        p { max-width: 46rem; margin: 0 0 1rem; }
        section > p, .subtitle { color: var(--muted); }
        .subtitle { font-size: 1.1rem; margin: .5rem 0 0; }
        a { color: var(--accent); text-decoration-thickness: 1px; text-underline-offset: .15em; }
        a:has(code), code a { text-underline-offset: .3em; }  /* below the underscores of file names */
        :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
        nav {
          position: sticky; top: 0; z-index: 5; background: var(--ground);
          border-block: 1px solid var(--line);
        }
        nav ul {
          max-width: 78rem; margin: 0 auto; padding: 0 clamp(1rem, 4vw, 2.5rem); list-style: none;
          display: flex; flex-wrap: wrap; gap: 0 1.5rem; white-space: nowrap;
        }
        nav a {
          display: block; padding: .65rem 0; color: var(--muted); text-decoration: none; font-size: .9rem;
        }
        nav a:hover { color: var(--text); }
        @media (max-width: 62rem) { nav { position: static; } nav a { padding: .35rem 0; } }
        section { padding: 2.75rem 0 .5rem; }
        footer { padding-top: 2.5rem; padding-bottom: 3rem; color: var(--muted); font-size: .85rem; }
        code, pre {
          font: .875em/1.55 ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", monospace;
        }
        dl { margin: 0; }
        dt { color: var(--muted); font-size: .78rem; }
        dd { margin: 0; overflow-wrap: anywhere; }
        .facts {
          display: flex; flex-wrap: wrap; gap: 1px; margin-top: 2rem; background: var(--surface);
          border: 1px solid var(--line); border-radius: 10px; overflow: hidden;
        }
        .facts div {
          flex: 1 1 min(13rem, 40%);
          background: var(--surface); padding: .8rem 1rem .9rem; box-shadow: 0 0 0 1px var(--line);
        }
        .facts dd {
          font-size: 1.1rem; font-weight: 600; line-height: 1.35; font-variant-numeric: tabular-nums;
        }
        .notice { color: var(--muted); border-left: 3px solid var(--line); padding-left: .8rem; }
        .notice.warning { color: var(--text); border-left-color: var(--validation); }

        """

    private static let parts = """
        figure { margin: 0; min-width: 0; }
        figcaption { color: var(--muted); font-size: .82rem; line-height: 1.45; }
        .figures {
          display: grid; grid-template-columns: repeat(auto-fill, minmax(min(20rem, 100%), 1fr));
          gap: 1.25rem;
        }
        .pair {
          display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr));
          gap: 1.25rem;
        }
        .figures > figure, .pair > figure, section > figure {
          background: var(--surface); border: 1px solid var(--line); border-radius: 10px;
          padding: 1rem 1.1rem; box-shadow: var(--shadow);
        }
        .plot { width: 100%; }
        figure > h3 { padding-right: 7.5rem; min-height: 1.4rem; }
        figure > h3 + .plot { margin-top: -1.75rem; }  /* the buttons of the plot stand beside its heading */
        .plot.low { height: 17rem; }
        .plot.wide { height: 27rem; }
        .plot.square { aspect-ratio: 1 / .92; max-height: 40rem; }
        .controls { display: flex; flex-wrap: wrap; gap: .75rem 1.75rem; margin-bottom: .75rem; }
        .controls label { color: var(--muted); font-size: .9rem; }
        select {
          font: inherit; color: var(--text); background: var(--surface); border: 1px solid var(--line);
          border-radius: 7px; padding: .3rem .55rem; margin-left: .35rem;
        }
        .legend { display: flex; flex-wrap: wrap; gap: .4rem; margin-bottom: 1rem; }
        .legend button {
          font: inherit; font-size: .84rem; color: var(--text); background: var(--surface); cursor: pointer;
          border: 1px solid var(--line); border-radius: 99px; padding: .15rem .7rem .15rem .5rem;
          display: inline-flex; align-items: center; gap: .4rem;
        }
        .legend button small { color: var(--muted); font-variant-numeric: tabular-nums; }
        .legend button::before {
          content: ""; width: .7rem; height: .7rem; border-radius: 50%; background: var(--chip);
        }
        .legend button[aria-pressed="false"] {
          color: var(--muted); text-decoration: line-through; opacity: .65;
        }
        .legend button[aria-pressed="false"]::before { background: none; border: 1.5px solid var(--chip); }
        .shares {
          display: flex; gap: 2px; height: .8rem; border-radius: 99px; overflow: hidden;
          margin: .25rem 0 1.25rem;
        }
        .shares span { flex-basis: 0; min-width: 2px; }
        .cards {
          display: grid; grid-template-columns: repeat(auto-fill, minmax(min(20rem, 100%), 1fr));
          gap: 1.25rem;
        }
        .card {
          background: var(--surface); border: 1px solid var(--line); border-top: 3px solid var(--chip);
          border-radius: 10px; padding: .9rem 1.1rem 1rem; box-shadow: var(--shadow); break-inside: avoid;
        }
        .card h3 {
          display: flex; align-items: center; gap: .5rem; font-size: 1.1rem; overflow-wrap: anywhere;
        }
        .chip { flex: none; width: 13px; height: 13px; border-radius: 50%; background: var(--chip); }
        .card dl { display: flex; flex-wrap: wrap; gap: .2rem 1.25rem; }
        .card dd { font-weight: 600; font-variant-numeric: tabular-nums; }
        .card dd small { display: block; font-weight: 400; color: var(--muted); line-height: 1.3; }
        .pictures { display: grid; grid-template-columns: repeat(3, 1fr); gap: .4rem; }
        .pictures figcaption { font-size: .72rem; margin-top: .15rem; }
        .picture {
          position: relative; display: block; border-radius: 5px; overflow: hidden; background: #000;
        }
        .picture img { display: block; width: 100%; height: auto; image-rendering: auto; }
        .scale { position: absolute; left: 7%; bottom: 7%; border-bottom: 2px solid #fff; }
        .scale span {
          position: absolute; bottom: 1px; left: 0; color: #fff; font-size: .66rem; line-height: 1.3;
          white-space: nowrap; text-shadow: 0 0 3px #000, 0 0 3px #000;
        }
        .picture.light { background: #fff; }
        .picture.light .scale { border-color: #333; }
        .picture.light .scale span { color: #333; text-shadow: none; }
        .map { margin: .7rem 0 0; font-size: .85rem; overflow-wrap: anywhere; }
        .fsc { display: block; width: 100%; height: auto; }
        .fsc text { fill: var(--muted); font-size: 9px; }
        .fsc .rule { stroke: var(--grid); }
        .fsc .threshold { stroke: var(--muted); stroke-dasharray: 3 3; }
        .fsc .curve { fill: none; stroke: var(--chip); stroke-width: 1.8; stroke-linejoin: round; }
        .fsc .c1 { stroke-dasharray: 6 3; }
        .fsc .c2 { stroke-dasharray: 2 2; }
        .surface { display: block; width: 100%; height: min(34rem, 70vh); touch-action: none; cursor: grab; }
        .surface:active { cursor: grabbing; }
        .level { display: inline-flex; align-items: center; gap: .5rem; }
        .level input { width: 12rem; accent-color: var(--accent); }
        output { font-variant-numeric: tabular-nums; min-width: 4rem; color: var(--text); }
        .scroll { overflow-x: auto; }
        .facing th, .facing td { padding-right: 1.6rem; }
        .scroll + .pair, .pair + .scroll, .scroll + p, .pair + p, .figures + p { margin-top: 1.25rem; }
        .strip { max-width: 46rem; }
        table { border-collapse: collapse; font-size: .92rem; font-variant-numeric: tabular-nums; }
        th, td {
          text-align: left; padding: .45rem 1.1rem .45rem 0; border-bottom: 1px solid var(--line);
          vertical-align: top;
        }
        thead th { color: var(--muted); font-weight: 500; font-size: .82rem; }
        tbody th { font-weight: 500; }
        .number { text-align: right; }
        td.number { white-space: nowrap; }
        .strong { font-weight: 650; }
        .meaning { color: var(--muted); min-width: 14rem; max-width: 38rem; }
        .confusion th, .confusion td { padding: .42rem .85rem; }
        .confusion th:first-child { padding-left: 0; white-space: nowrap; }
        .heat { background: color-mix(in srgb, var(--accent) calc(var(--heat) * .5), transparent); }
        .total, tfoot th { color: var(--muted); }
        .provenance { display: grid; gap: .6rem; margin-bottom: 1.25rem; }
        summary { cursor: pointer; font-weight: 600; margin-bottom: .5rem; }
        pre {
          background: var(--code); border: 1px solid var(--line); border-radius: 10px; padding: 1rem 1.2rem;
          margin: 0; overflow: auto; max-height: 34rem; tab-size: 2;
        }

        """

    private static let paper = """
        @media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
        @page { margin: 14mm; }
        @media print {
          body { font-size: 10pt; background: none; }
          header.page, main, footer { max-width: none; padding-left: 0; padding-right: 0; }
          header.page { padding-top: 0; }
          nav, .controls, .modebar { display: none !important; }
          section { padding-top: 1.5rem; }
          h2, h3 { break-after: avoid; }
          figure, tr, .confusion { break-inside: avoid; }
          .cards { grid-template-columns: repeat(3, 1fr); gap: .8rem; font-size: .8rem; }
          .card { padding: .7rem .8rem .8rem; }
          .figures { grid-template-columns: repeat(2, 1fr); }
          table { font-size: .78rem; }
          pre { max-height: none; white-space: pre-wrap; overflow-wrap: anywhere; }
          * { box-shadow: none !important; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
        }
        """
}
