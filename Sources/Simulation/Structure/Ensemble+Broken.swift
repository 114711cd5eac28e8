import CryoEM
import CryoIO

extension Ensemble {
    /// This ensemble with states of broken particles behind the others: each is a state cut by a random plane
    /// through the centre of mass, one side of it left.
    /// - Parameter count: states of broken particles.
    /// - Throws: `DataError` for a continuous family, whose positions broken particles do not have.
    public func adding(broken count: Int, seed: UInt64) throws(DataError) -> Ensemble {
        guard positions == nil else {
            throw DataError(
                file: nil, "broken particles have no place in a continuous family",
                remedy: "Use discrete states with broken particles")
        }
        let random = CounterRandom(seed: seed)
        var models = states
        var names = names
        var coordinates = coordinates
        for number in 0..<count {
            let whole = states[number % states.count]
            var generator = random.generator(.breaking, item: number)
            let normal = generator.direction()
            let centre = whole.centreOfMass
            let kept = (0..<whole.count).filter { (whole.positions[$0] - centre).dot(normal) > 0 }
            models.append(
                try AtomModel(
                    positions: kept.map { whole.positions[$0] }, weights: kept.map { whole.weights[$0] },
                    residues: kept.map { whole.residues[$0] }))
            names.append("broken \(number)")
            coordinates.append(self.coordinates[number % states.count])
        }
        var provenance = provenance
        provenance["broken states"] = "\(count)"
        var result = try Ensemble(
            states: models, coordinates: coordinates, names: names, provenance: provenance)
        result.broken = Set(states.count..<states.count + count)
        return result
    }
}
