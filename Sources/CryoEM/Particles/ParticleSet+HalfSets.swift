extension ParticleSet {
    /// Half set of each row, 1 or 2: the file's, or else a division by a hash of the image's name, which is
    /// about half and half and the same in every selection of rows.
    public func halfSets() -> [Int] {
        if let randomSubset { return randomSubset }
        let stackPrints = stacks.map { stack in
            var print = Fingerprint()
            print.add(stack.reference.utf8)
            return print
        }
        return images.map { image in
            var print = stackPrints[Int(image.stack)]
            print.add(image.index)
            return 1 + Int(print.value >> 40 & 1)
        }
    }
}
