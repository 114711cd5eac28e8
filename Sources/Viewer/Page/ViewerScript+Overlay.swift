extension ViewerScript {
    /// What the pointer does over the points: decode, lasso, polygon, path. Coordinates are the plane's.
    static let overlay = #"""
        Object.assign(app, {place: null, corners: [], anchors: [], walker: null, dragged: -1});
        const overlay = byId("overlay");
        const hints = {
          move: "Drag to pan, turn the wheel to zoom, double click for all points.",
          decode: "Click or drag anywhere: the map of that place appears. Arrow keys move the place.",
          lasso: "Draw around particles. Shift adds to the selection, Alt takes away.",
          polygon: "Click the corners; Enter or a double click closes. Shift adds, Alt takes away.",
          path: "Click two places or more and drag them where they should be; then Decode the path below.",
        };

        const axes = () => plot._fullLayout && plot._fullLayout.xaxis
          ? [plot._fullLayout.xaxis, plot._fullLayout.yaxis] : null;
        const toScreen = ([x, y]) => {
          const [a, b] = axes();
          return [a._offset + a.d2p(x), b._offset + b.d2p(y)];
        };
        const toPlane = event => {
          const [a, b] = axes(), box = overlay.getBoundingClientRect();
          return [a.p2d(event.clientX - box.left - a._offset), b.p2d(event.clientY - box.top - b._offset)];
        };

        const draw = (name, attributes) => {
          const node = document.createElementNS("http://www.w3.org/2000/svg", name);
          for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
          overlay.append(node);
        };
        const pointsText = list => list.map(p => toScreen(p).map(v => v.toFixed(1)).join(",")).join(" ");

        const drawOverlay = () => {
          overlay.replaceChildren();
          if (!axes() || !app.plane) return;
          if (app.corners.length) draw("polygon", {points: pointsText(app.corners), class: "area"});
          if (app.anchors.length) {
            draw("polyline", {points: pointsText(app.anchors), class: "line"});
            app.anchors.forEach((anchor, k) => {
              const [cx, cy] = toScreen(anchor);
              draw("circle", {cx, cy, r: 6, class: "anchor", "data-anchor": k});
            });
          }
          if (app.walker) {
            const [cx, cy] = toScreen(app.walker);
            draw("circle", {cx, cy, r: 7, class: "walker"});
          } else if (app.place) {
            const [x, y] = toScreen(app.place);
            const cross = `M${x - 11} ${y}h7M${x + 4} ${y}h7M${x} ${y - 11}v7M${x} ${y + 4}v7`;
            draw("path", {d: cross, class: "place"});
            draw("path", {d: cross, class: "place top"});
          }
        };

        const setMode = mode => {
          app.mode = mode;
          app.corners = [];
          for (const button of byId("modes").children) {
            button.setAttribute("aria-checked", String(button.dataset.mode === mode));
          }
          overlay.classList.toggle("active", mode !== "move");
          byId("space-hint").textContent = hints[mode];
          if (mode === "path") showTab("path");
          drawOverlay();
        };

        const decodeAt = place => {
          app.place = place;
          app.walker = null;
          drawOverlay();
          requestMap({plane: app.plane.id, x: place[0], y: place[1]});
        };

        /* Which points lie in a polygon of the plane (even-odd rule). */
        const inside = corners => {
          const {x, y} = app.plane, found = new Uint8Array(x.length);
          const xs = corners.map(c => c[0]), ys = corners.map(c => c[1]), n = corners.length;
          const [x0, x1] = extent(xs), [y0, y1] = extent(ys);
          for (let i = 0; i < x.length; i++) {
            const px = x[i], py = y[i];
            if (px < x0 || px > x1 || py < y0 || py > y1 || !isShown(i)) continue;
            let odd = 0;
            for (let a = 0, b = n - 1; a < n; b = a++) {
              if (ys[a] > py === ys[b] > py) continue;
              if (px < (xs[b] - xs[a]) * (py - ys[a]) / (ys[b] - ys[a]) + xs[a]) odd ^= 1;
            }
            found[i] = odd;
          }
          return found;
        };

        const closeArea = event => {
          const corners = app.corners;
          app.corners = [];
          drawOverlay();
          if (corners.length > 2) {
            const {shiftKey, altKey} = event || {};
            select(inside(corners), shiftKey ? "add" : altKey ? "subtract" : "set");
          }
        };

        overlay.addEventListener("pointerdown", event => {
          if (!axes() || !app.plane || event.button) return;
          event.preventDefault();
          if (document.activeElement) document.activeElement.blur();
          overlay.setPointerCapture(event.pointerId);
          const here = toPlane(event);
          if (app.mode === "decode") decodeAt(here);
          if (app.mode === "lasso") app.corners = [here];
          if (app.mode === "polygon" && event.detail < 2) app.corners.push(here);
          if (app.mode === "path") {
            const anchor = event.target.dataset ? event.target.dataset.anchor : undefined;
            app.dragged = anchor === undefined ? app.anchors.push(here) - 1 : Number(anchor);
            pathChanged();
          }
          drawOverlay();
        });
        overlay.addEventListener("pointermove", event => {
          if (!event.buttons || !axes() || !app.plane) return;
          const here = toPlane(event);
          if (app.mode === "decode") decodeAt(here);
          if (app.mode === "lasso" && app.corners.length) app.corners.push(here);
          if (app.mode === "path" && app.dragged >= 0) app.anchors[app.dragged] = here;
          drawOverlay();
        });
        overlay.addEventListener("pointerup", event => {
          if (app.mode === "lasso") closeArea(event);
          if (app.mode === "path" && app.dragged >= 0) pathChanged();
          app.dragged = -1;
        });
        overlay.addEventListener("dblclick", event => { if (app.mode === "polygon") closeArea(event); });
        overlay.addEventListener("wheel", event => {
          event.preventDefault();
          const target = plot.querySelector(".nsewdrag");
          if (target) target.dispatchEvent(new WheelEvent("wheel", event));
        }, {passive: false});

        /* The particle under the pointer, with its row and what it is coloured by. */
        const pointAt = (px, py) => {
          const [a, b] = axes(), {x, y} = app.plane;
          const [cx, cy] = [a.p2d(px - a._offset), b.p2d(py - b._offset)];
          const sx = a._length / (a.range[1] - a.range[0]), sy = b._length / (b.range[1] - b.range[0]);
          let found = -1, least = 64;
          for (let i = 0; i < x.length; i++) {
            const dx = (x[i] - cx) * sx, dy = (y[i] - cy) * sy, distance = dx * dx + dy * dy;
            if (distance < least && isShown(i)) [found, least] = [i, distance];
          }
          return found;
        };
        const showTip = event => {
          const tip = byId("tip"), box = byId("stage").getBoundingClientRect();
          const [px, py] = [event.clientX - box.left, event.clientY - box.top];
          const row = app.mode === "move" && !event.buttons && app.plane && axes() ? pointAt(px, py) : -1;
          tip.hidden = row < 0;
          if (row < 0) return;
          const {kind, name, names, values, unit} = app.column;
          const value = kind === "categories" ? names[values[row]] || "none"
            : kind === "numbers" ? Number(values[row].toPrecision(4)) + (unit ? " " + unit : "") : "";
          tip.textContent = `row ${number(row + 1)}` + (value === "" ? "" : `, ${name}: ${value}`);
          tip.style.left = Math.min(px + 12, box.width - 180) + "px";
          tip.style.top = Math.max(0, py - 30) + "px";
        };
        byId("stage").addEventListener("pointermove", showTip);
        byId("stage").addEventListener("pointerleave", () => { byId("tip").hidden = true; });

        /* The place, moved by a hundredth of what is seen. */
        const nudge = (dx, dy) => {
          if (!axes() || !app.place) return;
          const step = axes().map(a => (a.range[1] - a.range[0]) / 100);
          decodeAt([app.place[0] + dx * step[0], app.place[1] + dy * step[1]]);
        };

        """#
}
