/// The markup of the page.
enum ViewerPage {
    /// - Parameter token: that the parts of the page are asked for with.
    static func html(token: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>dsd view</title>
        <link rel="icon" href="data:,">
        <link rel="stylesheet" href="/page.css?token=\(token)">
        <script src="/plotly.js?token=\(token)" defer></script>
        <script src="/page.js?token=\(token)" defer></script>
        </head>
        <body>
        \(header)
        <main>
        \(space)
        \(density)
        \(below)
        </main>
        <div id="toasts" role="status" aria-live="polite"></div>
        \(help)
        <noscript>This viewer needs JavaScript.</noscript>
        </body>
        </html>

        """
    }

    private static let header = """
        <header class="bar">
        <h1 id="run-name">dsd view</h1>
        <span id="run-facts" class="muted"></span>
        <span class="spacer"></span>
        <span id="status" class="status" hidden></span>
        <button type="button" id="help-open" title="Keys and hints (?)">Help</button>
        </header>
        """

    private static let space = """
        <section id="space" class="panel" aria-label="Latent space">
        <div class="tools">
        <label>Plane <select id="plane"></select></label>
        <label>Colour <select id="colour"></select></label>
        <div class="modes" role="radiogroup" aria-label="What the pointer does" id="modes">
        <button type="button" role="radio" data-mode="move" title="Pan and zoom (V)">Move</button>
        <button type="button" role="radio" data-mode="decode" title="Map of a place (D)">Decode</button>
        <button type="button" role="radio" data-mode="lasso" title="Draw around particles (L)">Lasso</button>
        <button type="button" role="radio" data-mode="polygon" title="Click corners (P)">Polygon</button>
        <button type="button" role="radio" data-mode="path" title="Click places of a path (A)">Path</button>
        </div>
        </div>
        <div class="stage" id="stage">
        <canvas id="points" hidden></canvas>
        <div id="scatter"></div>
        <svg id="overlay" tabindex="0" role="application" aria-label="Points of the latent space"></svg>
        <div id="tip" class="tip" hidden></div>
        <div id="space-empty" class="empty"><p>Reading the run ...</p></div>
        </div>
        <div class="foot"><div id="legend" class="legend"></div><p id="space-hint" class="muted"></p></div>
        </section>
        """

    private static let density = """
        <section id="density" class="panel" aria-label="Density map">
        <div class="tools">
        <label>Map <select id="map-a"></select></label>
        <label>Over it <select id="map-b"></select></label>
        <button type="button" id="pin" title="Keep this map to lay over others (K)">Keep</button>
        <button type="button" id="reset-view" title="Back to the first view (0)">Reset</button>
        </div>
        <div class="stage" id="map-stage">
        <canvas id="surface" tabindex="0" role="img" aria-label="Isosurface of the map"></canvas>
        <div id="map-note" class="note"></div>
        <div id="map-empty" class="empty"><p>No map yet.</p></div>
        </div>
        <div class="foot sliders">
        <label><span class="key a"></span>Level
        <input type="range" id="level-a" min="0" max="1000"><output id="level-a-text"></output></label>
        <label id="level-b-row" hidden><span class="key b"></span>Level
        <input type="range" id="level-b" min="0" max="1000"><output id="level-b-text"></output></label>
        </div>
        </section>
        """

    private static let below = """
        <section id="below" class="panel">
        <div class="tabs" role="tablist">
        <button type="button" role="tab" id="tab-selection" aria-controls="selection">Selection</button>
        <button type="button" role="tab" id="tab-path" aria-controls="path">Path</button>
        <button type="button" role="tab" id="tab-training" aria-controls="training">Training</button>
        </div>
        <div id="selection" class="sheet" role="tabpanel" aria-labelledby="tab-selection">
        <div class="row">
        <strong id="selected-count">No particles selected</strong>
        <label>Cluster <select id="select-cluster"></select></label>
        <button type="button" id="select-invert">Invert</button>
        <button type="button" id="select-clear">Clear</button>
        <span class="spacer"></span>
        <button type="button" id="show-images">Show images</button>
        <label>Name <input id="selection-name" value="selection" size="16" spellcheck="false"></label>
        <button type="button" id="save-selection" class="primary">Save particles</button>
        </div>
        <p id="selection-hint" class="muted"></p>
        <div class="row" id="gallery-tools" hidden>
        <label><input type="checkbox" id="smooth" checked> Smooth the images</label>
        <button type="button" id="more-images">Other particles</button>
        <span id="gallery-note" class="muted"></span>
        </div>
        <div id="gallery" class="gallery"></div>
        </div>
        <div id="path" class="sheet" role="tabpanel" aria-labelledby="tab-path" hidden>
        <div class="row">
        <label>From <select id="path-from"></select></label>
        <label>to <select id="path-to"></select></label>
        <label>Maps <input type="number" id="path-count" value="20" min="2" max="200"></label>
        <button type="button" id="path-compute" class="primary">Decode the path</button>
        <button type="button" id="path-clear">Clear</button>
        <progress id="path-progress" hidden></progress>
        </div>
        <div class="row" id="player" hidden>
        <button type="button" id="play" title="Space">Play</button>
        <input type="range" id="frame" min="0" value="0" aria-label="Frame">
        <output id="frame-text"></output>
        <label>Speed <select id="speed">
        <option value="6">slow</option><option value="12" selected>normal</option>
        <option value="24">fast</option>
        </select></label>
        <span class="spacer"></span>
        <label>Name <input id="path-name" value="path" size="14" spellcheck="false"></label>
        <button type="button" id="save-path">Save maps</button>
        <button type="button" id="record">Save film</button>
        <button type="button" id="save-frames">Save frames</button>
        </div>
        <p id="path-hint" class="muted">
        Choose Path above the points and click two places or more, or choose two clusters.</p>
        </div>
        <div id="training" class="sheet" role="tabpanel" aria-labelledby="tab-training" hidden>
        <p id="training-state" class="muted"></p>
        <div id="curves" class="curves"></div>
        <pre id="log" tabindex="0"></pre>
        </div>
        </section>
        """

    private static let help = """
        <dialog id="help" aria-labelledby="help-title">
        <h2 id="help-title">Keys</h2>
        <dl>
        <dt>V D L P A</dt><dd>Move, Decode, Lasso, Polygon, Path</dd>
        <dt>Arrows</dt><dd>move the decoded place; on the map, turn it</dd>
        <dt>Enter, Backspace, Esc</dt><dd>close a polygon, take back a corner, give up</dd>
        <dt>+ &minus;</dt><dd>level of the map</dd>
        <dt>K</dt><dd>keep the map, to lay it over others</dd>
        <dt>Space</dt><dd>play or stop the path</dd>
        <dt>0</dt><dd>first view of the map</dd>
        </dl>
        <p>The wheel zooms points and map. On the map, drag turns it and Shift with drag moves it.</p>
        <form method="dialog"><button>Close</button></form>
        </dialog>
        """
}
