extension ViewerScript {
    /// Ties the parts together: what is there, tabs, buttons, keys, and looking again.
    static let start = #"""
        const showTab = name => {
          for (const tab of document.querySelectorAll("[role=tab]")) {
            const isChosen = tab.getAttribute("aria-controls") === name;
            tab.setAttribute("aria-selected", String(isChosen));
            byId(tab.getAttribute("aria-controls")).hidden = !isChosen;
          }
          app.tab = name;
          if (name === "training") watchTraining();
        };

        const listColumns = () => {
          const groups = new Map();
          for (const column of app.run.columns) {
            if (!groups.has(column.group)) groups.set(column.group, []);
            groups.get(column.group).push([column.id, column.name]);
          }
          const analysis = groups.get("Analysis") || [];
          groups.delete("Analysis");
          fill(byId("colour"), [
            ["", [...analysis, ["density", "Density of points"], ["none", "One colour"]]], ...groups,
          ]);
        };

        const listClusters = () => {
          const names = app.run.clusters.map(({cluster, particles}) =>
            [String(cluster), `${cluster} (${number(particles)})`]);
          for (const id of ["select-cluster", "path-from", "path-to"]) {
            fill(byId(id), [["", [["", "choose"], ...names]]]);
          }
        };

        const showFacts = () => {
          const run = app.run;
          document.title = `${run.name} - dsd view`;
          byId("run-name").textContent = run.name;
          const facts = [
            run.particles && `${number(run.particles)} particles`,
            run.latentSize && `${run.latentSize} latent dimensions`,
            run.clusters.length && `${run.clusters.length} clusters`,
          ];
          byId("run-facts").textContent = facts.filter(Boolean).join(", ");
          byId("run-facts").title = run.folder;
          const empty = byId("space-empty");
          empty.hidden = !run.codesProblem;
          if (run.codesProblem) {
            empty.firstElementChild.textContent = "No points yet.\n" + run.codesProblem;
          }
          if (!run.hasCheckpoint && !app.mapA) {
            byId("map-empty").firstElementChild.textContent =
              "No checkpoint yet: maps can be decoded after the first epoch.";
          }
          showStatus();
        };

        /* What there is; points are asked for only where they have changed. */
        const refresh = async () => {
          const last = app.run;
          const run = await askJSON("/api/run");
          app.run = run;
          showFacts();
          listMaps();
          if (!run.particles) showMean(last);
          if (last && last.version === run.version) return;
          fill(byId("plane"), [["", run.planes.map(plane => [plane.id, plane.title])]]);
          listColumns();
          listClusters();
          if (!run.particles) {
            Plotly.purge(plot);
            plot.isWatched = false;
            app.plane = null;
            drawPoints();
            showTab("training");
            return;
          }
          if (app.selected.length !== run.particles) app.selected = new Uint8Array(run.particles);
          await showPoints({plane: true, column: true});
          showSelection();
          if (!last || !last.particles) beginWithAMap();
        };

        /* While there are no codes: what the decoder makes of code zero, anew for every checkpoint. */
        const showMean = last => {
          const run = app.run;
          if (!run.hasCheckpoint || last && last.checkpoint === run.checkpoint) return;
          requestMap({code: Array(run.latentSize).fill(0)});
        };

        const beginWithAMap = () => {
          const row = app.run.clusters.length ? app.run.clusters[0].row : 0;
          if (app.run.hasCheckpoint) decodeAt([app.plane.x[row], app.plane.y[row]]);
        };

        const watch = async () => {
          for (;;) {
            const run = app.run, isRunning = run && !run.isTrained && run.trainingAge !== null;
            await pause(isRunning ? 3000 : 15000);
            if (document.hidden) continue;
            try {
              await refresh();
              if (app.tab === "training") await watchTraining();
            } catch (error) {
              byId("status").hidden = false;
              byId("status").textContent = error.message;
            }
          }
        };

        const on = (id, event, action) => byId(id).addEventListener(event, action);
        const bind = () => {
          on("plane", "change", () => working(null, async () => {
            app.anchors = [];
            app.place = null;
            pathChanged();
            await showPoints({plane: true});
          }));
          on("colour", "change", () => working(null, () => showPoints({column: true})));
          for (const button of byId("modes").children) {
            button.addEventListener("click", () => setMode(button.dataset.mode));
          }
          for (const tab of document.querySelectorAll("[role=tab]")) {
            tab.addEventListener("click", () => showTab(tab.getAttribute("aria-controls")));
          }
          for (const key of ["a", "b"]) {
            on("map-" + key, "change", () => chooseMap(key));
            on("level-" + key, "input", () => takeSlider(key));
          }
          on("pin", "click", keepMap);
          on("reset-view", "click", resetView);
          on("select-cluster", "change", selectCluster);
          on("select-clear", "click", () => select(new Uint8Array(app.selected.length), "set"));
          on("select-invert", "click", () => select(app.selected.map(chosen => 1 - chosen), "set"));
          on("save-selection", "click", saveSelection);
          on("show-images", "click", () => { app.galleryTurn = 0; showImages(); });
          on("more-images", "click", () => { app.galleryTurn += 7; showImages(); });
          on("smooth", "change", drawGallery);
          on("path-from", "change", anchorsFromClusters);
          on("path-to", "change", anchorsFromClusters);
          on("path-compute", "click", computePath);
          on("path-clear", "click", () => { app.anchors = []; pathChanged(); drawOverlay(); });
          on("play", "click", play);
          on("frame", "input", () => showFrame(Number(byId("frame").value)));
          on("record", "click", saveFilm);
          on("save-frames", "click", saveFrames);
          on("save-path", "click", savePath);
          on("help-open", "click", () => byId("help").showModal());
        };

        const keys = {
          v: () => setMode("move"), d: () => setMode("decode"), l: () => setMode("lasso"),
          p: () => setMode("polygon"), a: () => setMode("path"), k: keepMap, " ": play,
          "?": () => byId("help").showModal(), "0": resetView,
          "+": () => setLevel("a", app.level.a * 1.04), "-": () => setLevel("a", app.level.a / 1.04),
          Enter: () => app.mode === "polygon" ? closeArea() : app.mode === "path" ? computePath() : null,
          Backspace: () => {
            if (app.mode === "polygon") app.corners.pop();
            if (app.mode === "path") { app.anchors.pop(); pathChanged(); }
            drawOverlay();
          },
          Escape: () => { app.corners = []; app.isPlaying = false; showPlayer(); drawOverlay(); },
          ArrowLeft: () => nudge(-1, 0), ArrowRight: () => nudge(1, 0), ArrowUp: () => nudge(0, 1),
          ArrowDown: () => nudge(0, -1),
        };
        addEventListener("keydown", event => {
          const isTyping = event.target.closest("input, select, dialog, canvas, button, pre");
          const action = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
          if (!action || isTyping || event.ctrlKey || event.metaKey || event.defaultPrevented) return;
          event.preventDefault();
          action();
        });

        const begin = async () => {
          prepareView();
          bind();
          setMode("decode");
          showTab("selection");
          await working(null, refresh);
          byId("space-empty").hidden = Boolean(app.plane);
          if (!app.run) byId("space-empty").firstElementChild.textContent = "The run could not be read.";
          watch();
        };
        matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
          drawScatter();
          drawMaps();
          if (app.tab === "training") watchTraining();
        });
        begin();

        """#
}
