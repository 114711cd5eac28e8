extension PageScript {
    /// The surfaces of the states' maps. Both have one level, so that what differs is the maps.
    static let surfaces = #"""
        const volumes = (report.volumes || []).map(volume => ({...volume, values: unpack(volume.values)}));
        let surfaceView = null;

        const surfaceMesh = (volume, density) => {
          const step = 255 * (density - volume.low) / (volume.high - volume.low);
          if (volume.step !== step) {
            volume.mesh = SurfaceMesh.make(volume.values, volume.size, step);
            volume.step = step;
          }
          return volume.mesh;
        };
        const hexColour = hex => [1, 3, 5].map(k => parseInt(hex.slice(k, k + 2), 16) / 255);
        const chosenVolume = key => volumes[byId("surface-" + key).value];

        const surfaceDensity = () => {
          const {low, high} = chosenVolume("a");
          return low + (high - low) * byId("surface-level").value / 255;
        };

        const drawSurfaces = colours => {
          if (!surfaceView) return;
          const [a, b] = [chosenVolume("a"), chosenVolume("b")], density = surfaceDensity();
          byId("surface-value").textContent = density.toPrecision(3);
          const part = (volume, opacity, colour) => volume && {
            mesh: surfaceMesh(volume, density), voxel: volume.voxel, centre: [0, 0, 0],
            colour: hexColour(colour), opacity,
          };
          surfaceView.ground = hexColour(colours.surface);
          surfaceView.set([part(a, 1, a.colour), part(b, 0.5, b && b.colour)]);
        };

        const beginSurfaces = () => {
          if (!volumes.length) return;
          try { surfaceView = new SurfaceView(byId("surface-canvas")); } catch (error) {
            byId("surface-canvas").hidden = true;
            byId("surface-notice").hidden = false;
            return;
          }
          const {low, high, level, size, voxel} = volumes[0];
          byId("surface-level").value = Math.round(255 * (level - low) / (high - low));
          const {positions} = surfaceMesh(volumes[0], surfaceDensity());
          let reach = 0;
          for (let k = 0; k < positions.length; k += 3) {
            reach = Math.max(reach, Math.hypot(positions[k], positions[k + 1], positions[k + 2]));
          }
          surfaceView.setExtent(1.15 * voxel * (reach || Math.max(...size) / 2));
          for (const key of ["a", "b"]) {
            byId("surface-" + key).addEventListener("change", () => drawSurfaces(theme()));
          }
          byId("surface-level").addEventListener("input", () => drawSurfaces(theme()));
        };
        beginSurfaces();

        """#
}
