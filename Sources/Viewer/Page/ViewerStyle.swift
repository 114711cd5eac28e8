import Report

/// The style sheet of the viewer; its colours are those of the report.
enum ViewerStyle {
    static let css = PageStyle.colours + frame + parts + sheets

    private static let frame = """
        :root { --second: #d9822b; }
        * { box-sizing: border-box; }
        [hidden] { display: none !important; }
        body {
          margin: 0; background: var(--ground); color: var(--text);
          font: 14px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
        }
        .bar {
          display: flex; align-items: baseline; gap: .9rem; padding: .7rem 1.1rem .55rem; flex-wrap: wrap;
        }
        h1 { font-size: 1.15rem; line-height: 1.3; letter-spacing: -.01em; margin: 0; }
        h2 { font-size: 1.1rem; margin: 0 0 .6rem; }
        h3 { font-size: .85rem; font-weight: 600; margin: 0 0 .2rem; }
        p { margin: 0; }
        .muted { color: var(--muted); }
        .spacer { flex: 1; }
        .status { color: var(--muted); }
        .status::before {
          content: ""; display: inline-block; width: .55rem; height: .55rem; border-radius: 50%;
          background: var(--accent); margin-right: .4rem;
        }
        .status.busy::before { animation: pulse 1.2s ease-in-out infinite; }
        @keyframes pulse { 50% { opacity: .25; } }
        @media (prefers-reduced-motion: reduce) { .status.busy::before { animation: none; } }
        main {
          display: grid; gap: .8rem; padding: 0 1.1rem 1.1rem;
          grid-template-columns: minmax(0, 1.12fr) minmax(0, 1fr);
        }
        #below { grid-column: 1 / -1; }
        @media (max-width: 900px) { main { grid-template-columns: minmax(0, 1fr); } }
        .panel {
          background: var(--surface); border: 1px solid var(--line); border-radius: 10px;
          box-shadow: var(--shadow); display: flex; flex-direction: column; min-width: 0;
        }
        :focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; border-radius: 4px; }

        """

    private static let parts = """
        .tools, .foot, .row { display: flex; flex-wrap: wrap; align-items: center; gap: .45rem .8rem; }
        .tools { padding: .6rem .8rem; border-bottom: 1px solid var(--line); }
        #plane { max-width: 8.2rem; }
        #colour { max-width: 9.6rem; }
        .tools button { padding: .22rem .6rem; }
        .foot { padding: .5rem .8rem; border-top: 1px solid var(--line); min-height: 3rem; }
        #space .foot { flex-direction: column; align-items: flex-start; gap: .3rem; }
        label { color: var(--muted); white-space: nowrap; }
        select, button, input:not([type=range]):not([type=checkbox]) {
          font: inherit; color: var(--text); background: var(--surface); border: 1px solid var(--line);
          border-radius: 6px; padding: .22rem .5rem; max-width: 10rem;
        }
        button { cursor: pointer; padding: .22rem .7rem; }
        button:hover:not(:disabled) { border-color: var(--muted); }
        button:disabled { opacity: .5; cursor: default; }
        button.primary { background: var(--accent); border-color: var(--accent); color: var(--surface); }
        .modes { display: flex; margin-left: auto; }
        .modes button { border-radius: 0; margin-left: -1px; }
        .modes button:first-child { border-radius: 6px 0 0 6px; }
        .modes button:last-child { border-radius: 0 6px 6px 0; }
        .modes button[aria-checked=true] {
          background: var(--accent); border-color: var(--accent); color: var(--surface);
        }
        /* One row of tools at 1280 pixels, where two panels stand side by side. */
        @media (min-width: 901px) and (max-width: 1400px) {
          .tools { gap: .45rem .5rem; padding: .6rem .65rem; }
          .modes button { padding: .22rem .3rem; }
          #plane { max-width: 5.6rem; }
          #map-a, #map-b { max-width: 8.6rem; }
        }
        .stage { position: relative; flex: 1 0 clamp(20rem, 56vh, 38rem); }
        .stage > * { position: absolute; inset: 0; width: 100%; height: 100%; }
        .stage > #points { inset: auto; }
        #overlay { pointer-events: none; touch-action: none; }
        #overlay:focus-visible { outline: none; box-shadow: inset 0 0 0 2px var(--accent); }
        #overlay.active { pointer-events: all; cursor: crosshair; }
        #overlay .area { fill: var(--accent); fill-opacity: .12; stroke: var(--accent); stroke-width: 1.5; }
        #overlay .line { fill: none; stroke: var(--second); stroke-width: 2.5; stroke-linejoin: round; }
        #overlay .anchor { fill: var(--surface); stroke: var(--second); stroke-width: 2.5; cursor: grab; }
        #overlay .walker { fill: var(--second); stroke: var(--surface); stroke-width: 2; }
        #overlay .place { fill: none; stroke: var(--surface); stroke-width: 5; }
        #overlay .place.top { stroke: var(--text); stroke-width: 2; }
        .stage > .tip {
          inset: auto; width: auto; height: auto; padding: .15rem .5rem; border-radius: 5px;
          font-size: .82rem; background: var(--surface); border: 1px solid var(--line);
          pointer-events: none; white-space: nowrap;
        }
        .stage > .note {
          inset: auto auto .5rem .7rem; width: auto; height: auto; color: var(--muted); font-size: .8rem;
          pointer-events: none; font-variant-numeric: tabular-nums;
        }
        .stage > .empty {
          display: grid; place-items: center; text-align: center; padding: 2rem; color: var(--muted);
          pointer-events: none;
        }
        .empty p { max-width: 30rem; overflow-wrap: anywhere; white-space: pre-line; }
        canvas { display: block; touch-action: none; border-radius: 0; }
        .legend {
          display: flex; flex-wrap: wrap; gap: .15rem .7rem; font-size: .82rem; max-height: 4.2rem;
          overflow: auto;
        }
        .legend button {
          border: 0; padding: 0 .1rem; background: none; display: inline-flex; align-items: center;
          gap: .35rem;
        }
        .legend button::before {
          content: ""; width: .65rem; height: .65rem; border-radius: 50%; background: var(--chip);
        }
        .legend .ramp { width: 12rem; height: .65rem; border-radius: 3px; align-self: center; }
        .sliders label { display: flex; align-items: center; gap: .5rem; flex: 1 1 14rem; }
        .sliders input { flex: 1; min-width: 5rem; }
        output { font-variant-numeric: tabular-nums; color: var(--text); min-width: 4.2rem; }
        input[type=range], input[type=checkbox], progress { accent-color: var(--accent); }
        .key { width: .8rem; height: .8rem; border-radius: 3px; background: #6aa6d6; }
        .key.b { background: var(--second); }

        """

    private static let sheets = """
        .tabs { display: flex; gap: .2rem; padding: .3rem .6rem 0; border-bottom: 1px solid var(--line); }
        .tabs button {
          border: 0; border-bottom: 2px solid transparent; border-radius: 0; background: none;
          color: var(--muted); padding: .35rem .7rem;
        }
        .tabs button[aria-selected=true] { color: var(--text); border-color: var(--accent); }
        .sheet { padding: .8rem; display: grid; gap: .7rem; min-height: 5rem; }
        .sheet > .row { min-height: 2rem; }
        #frame { flex: 1 1 12rem; }
        .gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(8.6rem, 1fr)); gap: .6rem; }
        .gallery figure { margin: 0; }
        .gallery .two { display: grid; grid-template-columns: 1fr 1fr; gap: 2px; }
        .gallery canvas { width: 100%; aspect-ratio: 1; border-radius: 3px; background: #000; }
        .gallery figcaption { font-size: .76rem; color: var(--muted); }
        .curves { display: grid; grid-template-columns: repeat(auto-fill, minmax(18rem, 1fr)); gap: .8rem; }
        .curves .plot { height: 12.5rem; }
        pre {
          margin: 0; padding: .6rem .8rem; background: var(--code); border-radius: 7px; overflow: auto;
          font: 12px/1.5 ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", monospace;
        }
        pre:empty { display: none; }
        #toasts {
          position: fixed; right: 1rem; bottom: 1rem; display: grid; gap: .5rem; max-width: 26rem; z-index: 9;
        }
        .toast {
          background: var(--surface); border: 1px solid var(--line); border-left: 3px solid var(--accent);
          border-radius: 7px; box-shadow: 0 4px 18px rgb(0 0 0 / 22%); padding: .55rem .8rem;
          overflow-wrap: anywhere;
        }
        .toast.bad { border-left-color: var(--validation); }
        dialog {
          color: var(--text); background: var(--surface); border: 1px solid var(--line); border-radius: 12px;
          max-width: 30rem; padding: 1.2rem 1.4rem;
        }
        dialog::backdrop { background: rgb(0 0 0 / 40%); }
        dialog dl {
          display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: 0 0 .9rem;
        }
        dialog dt { font-weight: 600; }
        dialog dd { margin: 0; color: var(--muted); }
        dialog form { margin-top: 1rem; text-align: right; }
        """
}
