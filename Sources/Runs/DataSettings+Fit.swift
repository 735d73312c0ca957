public import SearchSpaces

extension DataSettings {
    /// Checks what the format alone says of images and classes against what a space reads.
    ///
    /// Formats whose files say it are held against the space when these are opened.
    /// - Throws: `RunError.unfitData`.
    public func check(fits input: InputShape) throws(RunError) {
        let shape = [input.height, input.width, input.channels]
        guard let fixed = fixedImages, fixed.shape != shape || fixed.classes != input.classes else { return }
        func text(_ shape: [Int], _ classes: Int) -> String {
            "images of \(shape.map(String.init).joined(separator: " x ")) in \(classes) classes"
        }
        throw .unfitData(
            format: format.rawValue, expected: text(shape, input.classes), found: text(fixed.shape, fixed.classes))
    }

    /// Height, width and channels of every image of the format, and its classes, where the format fixes them.
    private var fixedImages: (shape: [Int], classes: Int)? {
        switch format {
        case .glyphs: ([28, 28, 1], 10)
        case .cifar10: ([32, 32, 3], 10)
        case .idx, .npy: nil
        }
    }
}
