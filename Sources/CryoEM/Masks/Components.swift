import CryoIO

/// Connected parts of a set of voxels; neighbours share a face.
enum Components {
    /// The voxels of all parts that have at least `share` of the voxels of the largest.
    static func keepingLarge(_ inside: [Bool], size: GridSize, share: Double) -> [Bool] {
        let (labels, counts) = labelled(inside, size: size)
        guard let largest = counts.max() else { return inside }
        let kept = counts.map { Double($0) >= share * Double(largest) }
        return labels.map { $0 > 0 && kept[Int($0) - 1] }
    }

    /// The set with its cavities: voxels outside that no path of outside voxels joins to the border of the
    /// box.
    static func filled(_ inside: [Bool], size: GridSize) -> [Bool] {
        let (labels, counts) = labelled(inside.map { !$0 }, size: size)
        var open = Array(repeating: false, count: counts.count + 1)
        for z in 0..<size.z {
            for y in 0..<size.y {
                let edge = z == 0 || y == 0 || z == size.z - 1 || y == size.y - 1
                let row = (z * size.y + y) * size.x
                for x in edge ? Array(0..<size.x) : [0, size.x - 1] { open[Int(labels[row + x])] = true }
            }
        }
        return labels.indices.map { inside[$0] || !open[Int(labels[$0])] }
    }

    /// Number of the part of each voxel from 1, 0 outside; and the voxels of each part.
    static func labelled(_ inside: [Bool], size: GridSize) -> (labels: [Int32], counts: [Int]) {
        var labels = [Int32](repeating: 0, count: inside.count), counts: [Int] = [], stack: [Int] = []
        let (nx, plane) = (size.x, size.x * size.y)
        for seed in inside.indices where inside[seed] && labels[seed] == 0 {
            counts.append(0)
            let label = Int32(counts.count)
            labels[seed] = label
            stack.append(seed)
            while let voxel = stack.popLast() {
                counts[counts.count - 1] += 1
                let (x, y, z) = (voxel % nx, voxel / nx % size.y, voxel / plane)
                func visit(_ exists: Bool, _ neighbour: Int) {
                    guard exists, inside[neighbour], labels[neighbour] == 0 else { return }
                    labels[neighbour] = label
                    stack.append(neighbour)
                }
                visit(x > 0, voxel - 1)
                visit(x < nx - 1, voxel + 1)
                visit(y > 0, voxel - nx)
                visit(y < size.y - 1, voxel + nx)
                visit(z > 0, voxel - plane)
                visit(z < size.z - 1, voxel + plane)
            }
        }
        return (labels, counts)
    }
}
