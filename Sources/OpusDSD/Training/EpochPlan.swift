import CryoEM

/// Which images are trained on, and in which batches an epoch shows them (METHOD 4.2 and 13.7): every
/// training image once
/// an epoch. The plan is a function of seed and epoch alone.
public struct EpochPlan: Sendable {
    public let training: [Int], validation: [Int]
    private let batch: Int, blocks: Int
    private let byClass: [[Int]]
    private let random: CounterRandom

    public init(classes: [Int], sampling: Configuration.Sampling, seed: UInt64) {
        random = CounterRandom(seed: seed)
        batch = sampling.batch
        blocks = sampling.classBlocks
        var generator = random.generator(.split)
        let shuffled = Array(classes.indices).shuffled(using: &generator)
        let wanted = Int(Double(classes.count) * sampling.validationFraction)
        let held = min(wanted, max(0, classes.count - 1))
        training = shuffled.dropLast(held).sorted()
        validation = shuffled.suffix(held).sorted()
        var byClass = [[Int]](repeating: [], count: (classes.max() ?? 0) + 1)
        for index in training { byClass[classes[index]].append(index) }
        self.byClass = byClass
    }

    /// Batches of one epoch.
    public func batches(epoch: Int) -> [[Int]] {
        var generator = random.generator(.order, item: epoch)
        guard blocks > 0 else {
            return Self.chunks(training.shuffled(using: &generator), of: batch)
        }
        let size = max(1, batch / blocks)
        var full: [[Int]] = []
        var rest: [Int] = []
        for members in byClass {
            let shuffled = members.shuffled(using: &generator)
            let whole = shuffled.count / size * size
            full += Self.chunks(Array(shuffled[..<whole]), of: size)
            rest += shuffled[whole...]
        }
        // Classes are numbered along the nested HEALPix order, so neighbours in `rest` are neighbours on
        // the sphere.
        full += Self.chunks(rest, of: size)
        full.shuffle(using: &generator)
        return Self.chunks(full, of: blocks).map { $0.flatMap { $0 } }
    }

    /// Batches an epoch has.
    public var batchesPerEpoch: Int {
        guard blocks > 0 else { return (training.count + batch - 1) / batch }
        let size = max(1, batch / blocks)
        let whole = byClass.reduce(0) { $0 + $1.count / size }
        let rest = byClass.reduce(0) { $0 + $1.count % size }
        return (whole + (rest + size - 1) / size + blocks - 1) / blocks
    }

    package static func chunks<Element>(_ list: [Element], of size: Int) -> [[Element]] {
        stride(from: 0, to: list.count, by: size).map { Array(list[$0..<min($0 + size, list.count)]) }
    }
}
