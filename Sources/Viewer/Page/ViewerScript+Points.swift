extension ViewerScript {
    /// Draws the points, pixel by pixel on a canvas under the axes.
    ///
    /// Plotly has the axes, panning and zooming; a picture of 300,000 points made here takes tens of
    /// milliseconds on one core, with a graphics card or without. WebGL without a card takes a second.
    static let points = #"""
        const pointsCanvas = byId("points");
        const packed = hex => {
          const [r, g, b] = rgb(hex).map(v => Math.round(255 * v));
          return 0xff000000 | b << 16 | g << 8 | r;
        };

        /* A disc: the pixels that it touches, from its first one, and how opaque each is, 0 to 256. */
        const disc = (diameter, width, opacity) => {
          const side = Math.max(1, Math.ceil(diameter - 0.05)), offsets = [], weights = [];
          for (let k = 0; k < side * side; k++) {
            const column = k % side, row = Math.floor(k / side);
            let inside = 0;
            for (let s = 0; s < 64; s++) {
              const dx = column + (s % 8 + 0.5) / 8 - side / 2;
              const dy = row + (Math.floor(s / 8) + 0.5) / 8 - side / 2;
              if (dx * dx + dy * dy <= diameter * diameter / 4) inside++;
            }
            const weight = Math.round(256 * opacity * inside / 64);
            if (weight) { offsets.push(row * width + column); weights.push(weight); }
          }
          return {side, offsets: Int32Array.from(offsets), weights: Int32Array.from(weights)};
        };

        /* Lays discs of some rows over a picture. Red and blue are mixed in one multiplication. */
        const stamp = (picture, rows, shape, scale) => {
          const {pixels, width, height} = picture, {x, y} = app.plane, colours = app.colours;
          const {side, offsets, weights} = shape, [ax, bx, ay, by] = scale;
          const shiftX = bx - side / 2 + 0.5, shiftY = by - side / 2 + 0.5;
          for (let k = 0; k < rows.length; k++) {
            const i = rows[k];
            const left = x[i] * ax + shiftX, top = y[i] * ay + shiftY;
            if (!(left >= 0 && top >= 0 && left < width - side && top < height - side)) continue;
            const colour = colours[i], place = (top | 0) * width + (left | 0);
            const rb = colour & 0xff00ff, g = colour & 0xff00;
            for (let m = 0; m < offsets.length; m++) {
              const at = place + offsets[m], old = pixels[at], weight = weights[m];
              const oldRB = old & 0xff00ff, oldG = old & 0xff00;
              pixels[at] = 0xff000000 | ((oldRB + (Math.imul(rb - oldRB, weight) >>> 8)) & 0xff00ff)
                | ((oldG + (Math.imul(g - oldG, weight) >>> 8)) & 0xff00);
            }
          }
        };

        /* The canvas at the place and size of the plot, in pixels of the screen. */
        const placed = () => {
          const [a, b] = axes(), ratio = Math.min(2, window.devicePixelRatio || 1);
          const width = Math.round(a._length * ratio), height = Math.round(b._length * ratio);
          Object.assign(pointsCanvas.style, {
            left: a._offset + "px", top: b._offset + "px", width: a._length + "px", height: b._length + "px",
          });
          const last = app.picture;
          if (!last || last.width !== width || last.height !== height) {
            [pointsCanvas.width, pointsCanvas.height] = [width, height];
            const context = pointsCanvas.getContext("2d", {alpha: false, willReadFrequently: true});
            const image = context.createImageData(width, height);
            app.picture = {context, image, width, height, pixels: new Int32Array(image.data.buffer)};
          }
          return {...app.picture, ratio};
        };

        const paintPoints = () => {
          app.isQueued = false;
          pointsCanvas.hidden = !app.plane || !axes();
          if (pointsCanvas.hidden || axes().some(axis => axis._length < 2)) return;
          const picture = placed(), [a, b] = axes(), count = app.plane.x.length;
          const sx = picture.width / (a.range[1] - a.range[0]);
          const sy = picture.height / (b.range[0] - b.range[1]);
          const scale = [sx, -a.range[0] * sx, sy, -b.range[1] * sy];
          const size = picture.ratio * (count < 3000 ? 6 : count < 20000 ? 4 : count < 80000 ? 2.8 : 1.8);
          const dim = app.selectedRows.length ? 0.12 : count < 20000 ? 0.85 : 0.6;
          picture.pixels.fill(app.ground);
          stamp(picture, app.rows, disc(size, picture.width, dim), scale);
          stamp(picture, app.selectedRows, disc(size + 0.5, picture.width, 0.95), scale);
          picture.context.putImageData(picture.image, 0, 0);
          pointsCanvas.dataset.drawn = app.rows.length;
        };
        /* Once for each picture of the screen, however often the axes have moved. */
        const drawPoints = () => {
          if (app.isQueued) return;
          app.isQueued = true;
          requestAnimationFrame(paintPoints);
        };

        /* Colour of every point as a pixel. */
        const pointColours = pick => {
          const column = app.column, none = packed(pick("none"));
          const count = app.plane.x.length;
          if (column.kind === "categories") {
            const shown = column.names.map((_, k) => packed(categoryColour(k)));
            return Int32Array.from(column.values, v => v < shown.length ? shown[v] : none);
          }
          const values = column.kind === "density" ? planeDensity() : column.values;
          if (!values) return new Int32Array(count).fill(packed(pick("curve")));
          const [low, high] = column.ends = colourEnds(values);
          const steps = Int32Array.from({length: 256}, (_, k) => packed(viridisAt(k / 255)));
          return Int32Array.from(values, v => Number.isFinite(v)
            ? steps[Math.max(0, Math.min(255, Math.round(255 * (v - low) / (high - low))))] : none);
        };

        """#
}
