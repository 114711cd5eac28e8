import Analysis
import CryoIO
import Latent

extension QualityScore {
    /// - Parameters:
    ///   - clusters: of k-means where there are no labels.
    ///   - neighbours: k.
    init(
        _ outcome: QualityOutcome, on set: LoadedSet, reference: SetReference, clusters: Int,
        neighbours k: Int,
        threads: Int
    ) throws {
        let labels = try outcome.labels ?? Self.clusters(outcome.codes, clusters, threads)
        let truth = set.truth
        let single = set.stateCount < 2
        let partition =
            single || set.isContinuous ? nil : try Contingency(clusters: labels, classes: truth.classes)
        let why = single ? "one state" : "continuous truth"
        entropy = Measure(partition?.meanClusterEntropy, orAbsent: why)
        adjustedRandIndex = Measure(partition?.adjustedRandIndex, orAbsent: why)
        normalisedMutualInformation = Measure(partition?.normalisedMutualInformation, orAbsent: why)
        accuracy = Measure(partition?.accuracy, orAbsent: why)
        if single {
            (neighbourhood, neighbourhoodByChance) = (Measure(absent: why), Measure(absent: why))
        } else {
            let near = try TruthNearness(states: truth.classes, positions: truth.positions, neighbours: k)
            let kept =
                try outcome.codes.map { try near.kept(in: $0, neighbours: k, threads: threads) }
                ?? near.kept(inClusters: labels)
            (neighbourhood, neighbourhoodByChance) = (Measure(kept), Measure(near.byChance))
        }
        coordinate = try Self.coordinate(outcome.codes, labels, truth, k, threads)
        let broken = truth.states.map(truth.broken.contains)
        brokenPrecision = Measure(
            try SelectionMeasures.precision(clusters: labels, wanted: broken), orAbsent: "no broken particles"
        )
        rows = set.rows
        consensusArea = Measure(reference.meanConsensus)
        trueArea = Measure(reference.meanTruth)
        func closed(_ area: Double) -> Measure {
            Measure(reference.closed(area), orAbsent: "true labels are no better than the consensus")
        }
        if let map = outcome.map {
            areas = try set.areas(map)
            let mean = SetReference.mean(areas)
            (area, self.closed) = (Measure(mean), closed(mean))
        } else {
            areas = []
            (area, self.closed) = (Measure(absent: "no maps"), Measure(absent: "no maps"))
        }
        if let nearest = outcome.nearest, let map = outcome.map {
            let mean = SetReference.mean(try set.areas(nearest: nearest, decoded: map))
            (localArea, localClosed) = (Measure(mean), closed(mean))
        } else {
            (localArea, localClosed) = (Measure(absent: "no codes"), Measure(absent: "no codes"))
        }
        let mean = SetReference.mean(try set.areas(clusters: labels))
        (reconstructionArea, reconstructionClosed) = (Measure(mean), closed(mean))
    }

    private static func clusters(_ codes: Matrix?, _ count: Int, _ threads: Int) throws -> [Int] {
        guard let codes else { return [] }
        return try StateClusters.fit(codes, KMeansSettings(clusters: count), threads: threads).labels
    }

    private static func coordinate(
        _ codes: Matrix?, _ labels: [Int], _ truth: GroundTruth, _ k: Int, _ threads: Int
    ) throws -> Measure {
        guard let positions = truth.positions else { return Measure(absent: "discrete truth") }
        let places = truth.states.map { positions[$0] }
        do {
            return Measure(
                try codes.map {
                    try CoordinateRecovery.spearman(codes: $0, truth: places, neighbours: k, threads: threads)
                } ?? CoordinateRecovery.spearman(clusters: labels, truth: places))
        } catch let error as LatentError where error.kind == .undefined {
            return Measure(absent: "places read from neighbours are all the same")
        }
    }
}
