/// The script that draws surfaces of maps in the report and in the viewer: a mesher and a small WebGL view.
public enum SurfaceScript {
    /// Defines `SurfaceMesh` and `SurfaceView`.
    public static let source = mesh + view + control

    /// Naive surface nets (Gibson 1998): a vertex in every cell that the surface crosses, at the mean of the
    /// crossings of the cell's edges, and a quadrilateral about every crossed grid edge. The mesh is smoother
    /// than that of marching cubes and has half the triangles.
    private static let mesh = #"""
        const SurfaceMesh = (() => {
          /* Corners of a cell are numbered x + 2 y + 4 z; its twelve edges join two of them. */
          const edges = [];
          for (let a = 0; a < 8; a++) {
            for (const bit of [1, 2, 4]) if (!(a & bit)) edges.push([a, a | bit]);
          }

          /* values[z][y][x] -> positions in voxels about the centre n/2, normals, triangles. */
          const make = (values, size, level) => {
            const [nx, ny, nz] = size;
            const steps = [0, 1, nx, nx + 1, nx * ny, nx * ny + 1, nx * ny + nx, nx * ny + nx + 1];
            const vertexOf = new Int32Array(nx * ny * nz).fill(-1);
            const positions = [], normals = [], triangles = [];
            const corner = new Float32Array(8);
            for (let z = 0; z < nz - 1; z++) for (let y = 0; y < ny - 1; y++) {
              let cell = (z * ny + y) * nx;
              for (let x = 0; x < nx - 1; x++, cell++) {
                let mask = 0;
                for (let k = 0; k < 8; k++) {
                  corner[k] = values[cell + steps[k]] - level;
                  if (corner[k] > 0) mask |= 1 << k;
                }
                if (mask === 0 || mask === 255) continue;
                let px = 0, py = 0, pz = 0, count = 0;
                for (const [a, b] of edges) {
                  if ((mask >> a & 1) === (mask >> b & 1)) continue;
                  const t = corner[a] / (corner[a] - corner[b]);
                  const delta = b - a;
                  px += (a & 1) + (delta === 1 ? t : 0);
                  py += (a >> 1 & 1) + (delta === 2 ? t : 0);
                  pz += (a >> 2 & 1) + (delta === 4 ? t : 0);
                  count++;
                }
                const fx = px / count, fy = py / count, fz = pz / count;
                vertexOf[cell] = positions.length / 3;
                positions.push(x + fx - (nx >> 1), y + fy - (ny >> 1), z + fz - (nz >> 1));
                normals.push(...slope(values, size, x + fx, y + fy, z + fz));
                quads(cell, x, y, z, mask, vertexOf, nx, ny, triangles);
              }
            }
            return {
              positions: new Float32Array(positions), normals: new Float32Array(normals),
              triangles: new Uint32Array(triangles),
            };
          };

          /* The three grid edges at the cell's first corner; the cells around them are done already. */
          const quads = (cell, x, y, z, mask, vertexOf, nx, ny, triangles) => {
            const first = mask & 1;
            const axes = [[1, nx, y, nx * ny, z], [2, nx * ny, z, 1, x], [4, 1, x, nx, y]];
            for (const [end, u, pu, v, pv] of axes) {
              if (pu === 0 || pv === 0 || first === (mask >> end & 1)) continue;
              const a = vertexOf[cell], b = vertexOf[cell - u], c = vertexOf[cell - u - v],
                d = vertexOf[cell - v];
              if (a < 0 || b < 0 || c < 0 || d < 0) continue;
              if (first) triangles.push(a, b, c, a, c, d); else triangles.push(a, c, b, a, d, c);
            }
          };

          /* Downward slope of the density, the outward normal. */
          const slope = (values, size, x, y, z) => {
            const n = [at(values, size, x - 1, y, z) - at(values, size, x + 1, y, z),
              at(values, size, x, y - 1, z) - at(values, size, x, y + 1, z),
              at(values, size, x, y, z - 1) - at(values, size, x, y, z + 1)];
            const length = Math.hypot(n[0], n[1], n[2]) || 1;
            return [n[0] / length, n[1] / length, n[2] / length];
          };

          const at = (values, [nx, ny, nz], x, y, z) => {
            x = Math.min(nx - 1.001, Math.max(0, x));
            y = Math.min(ny - 1.001, Math.max(0, y));
            z = Math.min(nz - 1.001, Math.max(0, z));
            const ix = x | 0, iy = y | 0, iz = z | 0, fx = x - ix, fy = y - iy, fz = z - iz;
            const row = (j, k) => {
              const i = (k * ny + j) * nx + ix;
              return values[i] + fx * (values[i + 1] - values[i]);
            };
            const low = row(iy, iz), high = row(iy, iz + 1);
            const front = low + fy * (row(iy + 1, iz) - low);
            const back = high + fy * (row(iy + 1, iz + 1) - high);
            return front + fz * (back - front);
          };

          return {make};
        })();

        """#

    private static let view = #"""
        const surfaceVertexShader = `
          attribute vec3 position; attribute vec3 normal;
          uniform mat3 rotation; uniform vec3 centre; uniform vec2 scale; uniform vec2 shift;
          uniform float depth;
          varying vec3 outward; varying float far;
          void main() {
            vec3 p = rotation * (position - centre);
            outward = rotation * normal;
            far = p.z / depth;
            gl_Position = vec4(p.xy * scale + shift, -p.z / depth, 1.0);
          }`;
        /* A light over the left shoulder, a weak one from below, a rim, and haze with distance. */
        const surfaceFragmentShader = `
          precision mediump float;
          uniform vec3 colour; uniform float opacity; uniform vec3 ground;
          varying vec3 outward; varying float far;
          void main() {
            vec3 n = normalize(outward);
            if (!gl_FrontFacing) n = -n;
            float key = max(dot(n, normalize(vec3(-0.45, 0.6, 0.66))), 0.0);
            float fill = max(dot(n, normalize(vec3(0.7, -0.5, 0.4))), 0.0);
            float shine = pow(max(dot(n, normalize(vec3(-0.25, 0.33, 0.91))), 0.0), 28.0);
            vec3 c = colour * (0.30 + 0.68 * key + 0.20 * fill) + vec3(0.16 * shine);
            c = mix(c, ground, clamp(0.10 - 0.35 * far, 0.0, 0.4));
            gl_FragColor = vec4(c, opacity);
          }`;

        /* Draws meshes on a canvas, orthographically. Each: {mesh, voxel, centre, colour, opacity}. */
        class SurfaceView {
          constructor(canvas) {
            this.canvas = canvas;
            const kind = {antialias: true, alpha: false, preserveDrawingBuffer: true};
            this.gl = canvas.getContext("webgl", kind);
            if (!this.gl || !this.gl.getExtension("OES_element_index_uint")) throw new Error("no WebGL");
            this.rotation = SurfaceView.firstRotation();
            this.zoom = 1;
            this.shift = [0, 0];
            this.extent = 1;
            this.parts = [];
            this.ground = [1, 1, 1];
            this.prepare();
            controlSurface(this);
            new ResizeObserver(() => this.draw()).observe(canvas);
          }

          prepare() {
            const gl = this.gl;
            const compiled = (kind, text) => {
              const shader = gl.createShader(kind);
              gl.shaderSource(shader, text);
              gl.compileShader(shader);
              gl.attachShader(this.program, shader);
            };
            this.program = gl.createProgram();
            compiled(gl.VERTEX_SHADER, surfaceVertexShader);
            compiled(gl.FRAGMENT_SHADER, surfaceFragmentShader);
            gl.linkProgram(this.program);
            gl.useProgram(this.program);
            this.place = name => gl.getUniformLocation(this.program, name);
            for (const name of ["position", "normal"]) {
              gl.enableVertexAttribArray(gl.getAttribLocation(this.program, name));
            }
            gl.enable(gl.DEPTH_TEST);
            gl.blendFunc(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA);
          }

          /* Half the width of the scene in Angstrom, which fills the smaller side of the canvas. */
          setExtent(extent) { this.extent = extent; }

          set(parts) {
            const gl = this.gl;
            for (const part of this.parts) part.buffers.forEach(buffer => gl.deleteBuffer(buffer));
            this.parts = parts.filter(part => part && part.mesh.triangles.length).map(part => {
              const stored = (kind, data) => {
                const buffer = gl.createBuffer();
                gl.bindBuffer(kind, buffer);
                gl.bufferData(kind, data, gl.STATIC_DRAW);
                return buffer;
              };
              const {positions, normals, triangles} = part.mesh;
              return {...part, count: triangles.length, buffers: [
                stored(gl.ARRAY_BUFFER, positions), stored(gl.ARRAY_BUFFER, normals),
                stored(gl.ELEMENT_ARRAY_BUFFER, triangles),
              ]};
            });
            this.draw();
          }

          /* At most one drawing a frame. */
          draw() {
            if (this.waiting) return;
            this.waiting = true;
            requestAnimationFrame(() => { this.waiting = false; this.drawNow(); });
          }

          drawNow() {
            const {gl, canvas} = this;
            const ratio = Math.min(2, devicePixelRatio || 1);
            const width = Math.round(canvas.clientWidth * ratio);
            const height = Math.round(canvas.clientHeight * ratio);
            if (!width || !height) return;
            if (canvas.width !== width || canvas.height !== height) {
              canvas.width = width;
              canvas.height = height;
            }
            gl.viewport(0, 0, width, height);
            gl.clearColor(...this.ground, 1);
            gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
            gl.uniform3fv(this.place("ground"), this.ground);
            for (const part of this.parts) if (part.opacity >= 1) this.drawPart(part, width, height);
            for (const part of this.parts) {
              if (part.opacity >= 1) continue;
              /* Depth first: of a surface that is seen through only the front is drawn. */
              gl.colorMask(false, false, false, false);
              this.drawPart(part, width, height);
              gl.colorMask(true, true, true, true);
              gl.depthFunc(gl.LEQUAL);
              gl.enable(gl.BLEND);
              this.drawPart(part, width, height);
              gl.disable(gl.BLEND);
              gl.depthFunc(gl.LESS);
            }
          }

          drawPart(part, width, height) {
            const gl = this.gl;
            const voxel = part.voxel, small = Math.min(width, height);
            const unit = this.zoom * voxel / this.extent;
            gl.uniformMatrix3fv(this.place("rotation"), false, SurfaceView.columns(this.rotation));
            gl.uniform3fv(this.place("centre"), part.centre.map(value => value / voxel));
            gl.uniform2f(this.place("scale"), unit * small / width, unit * small / height);
            gl.uniform2f(this.place("shift"), this.shift[0], this.shift[1]);
            gl.uniform1f(this.place("depth"), 2 * this.extent / voxel);
            gl.uniform3fv(this.place("colour"), part.colour);
            gl.uniform1f(this.place("opacity"), part.opacity);
            ["position", "normal"].forEach((name, k) => {
              gl.bindBuffer(gl.ARRAY_BUFFER, part.buffers[k]);
              gl.vertexAttribPointer(gl.getAttribLocation(this.program, name), 3, gl.FLOAT, false, 0, 0);
            });
            gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, part.buffers[2]);
            gl.drawElements(gl.TRIANGLES, part.count, gl.UNSIGNED_INT, 0);
          }

          reset() {
            this.rotation = SurfaceView.firstRotation();
            this.zoom = 1;
            this.shift = [0, 0];
            this.draw();
          }

          /* Seen from the side and a little from above. */
          static firstRotation() {
            return SurfaceView.turned(SurfaceView.turned([1, 0, 0, 0, 1, 0, 0, 0, 1], 0, -1.1), 0.5, 0);
          }

          /* A rotation about the screen's vertical by a, then about its horizontal by b. */
          static turned(m, a, b) {
            const [ca, sa, cb, sb] = [Math.cos(a), Math.sin(a), Math.cos(b), Math.sin(b)];
            const r = [ca, 0, sa, sb * sa, cb, -sb * ca, -cb * sa, sb, cb * ca];
            return [0, 1, 2].flatMap(i => [0, 1, 2].map(j =>
              r[3 * i] * m[j] + r[3 * i + 1] * m[3 + j] + r[3 * i + 2] * m[6 + j]));
          }

          static columns(m) { return [m[0], m[3], m[6], m[1], m[4], m[7], m[2], m[5], m[8]]; }
        }

        """#

    /// Pointer and keys: drag turns, with Shift moves; the wheel and two fingers zoom; arrows, + and -.
    private static let control = #"""
        const controlSurface = view => {
          const canvas = view.canvas;
          const pointers = new Map();
          const turn = (dx, dy) => {
            view.rotation = SurfaceView.turned(view.rotation, dx * 0.008, dy * 0.008);
            view.draw();
            if (view.onturn) view.onturn();
          };
          const zoom = factor => {
            view.zoom = Math.min(20, Math.max(0.3, view.zoom * factor));
            view.draw();
            if (view.onturn) view.onturn();
          };
          canvas.addEventListener("pointerdown", event => {
            canvas.setPointerCapture(event.pointerId);
            pointers.set(event.pointerId, [event.clientX, event.clientY]);
          });
          canvas.addEventListener("pointermove", event => {
            const last = pointers.get(event.pointerId);
            if (!last) return;
            const now = [event.clientX, event.clientY];
            if (pointers.size === 2) {
              const other = [...pointers].find(([id]) => id !== event.pointerId)[1];
              const gap = p => Math.hypot(p[0] - other[0], p[1] - other[1]) || 1;
              zoom(gap(now) / gap(last));
            } else if (event.shiftKey || event.buttons === 2 || event.buttons === 4) {
              view.shift[0] += 2 * (now[0] - last[0]) / canvas.clientWidth;
              view.shift[1] -= 2 * (now[1] - last[1]) / canvas.clientHeight;
              view.draw();
            } else {
              turn(now[0] - last[0], now[1] - last[1]);
            }
            pointers.set(event.pointerId, now);
          });
          const lift = event => pointers.delete(event.pointerId);
          canvas.addEventListener("pointerup", lift);
          canvas.addEventListener("pointercancel", lift);
          canvas.addEventListener("contextmenu", event => event.preventDefault());
          canvas.addEventListener("dblclick", () => view.reset());
          canvas.addEventListener("wheel", event => {
            event.preventDefault();
            zoom(Math.exp(-event.deltaY * 0.0012));
          }, {passive: false});
          canvas.addEventListener("keydown", event => {
            const turns = {ArrowLeft: [-12, 0], ArrowRight: [12, 0], ArrowUp: [0, -12], ArrowDown: [0, 12]};
            if (turns[event.key]) turn(...turns[event.key]);
            else if (event.key === "+" || event.key === "=") zoom(1.15);
            else if (event.key === "-") zoom(1 / 1.15);
            else if (event.key === "0") view.reset();
            else return;
            event.preventDefault();
          });
        };

        """#
}
