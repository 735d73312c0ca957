public import SearchSpaces

extension DataSettings {
    /// Checks what the format alone says of images and classes against what a space reads.
    ///
    /// Formats whose files say it are held against the space when these are opened.
    /// - Throws: `RunError.unfitData`.
    public func check(fits signature: ExampleSignature) throws(RunError) {
        guard let fixed = fixedImages, fixed != signature else { return }
        throw .unfitData(format: format.rawValue, expected: "\(signature)", found: "\(fixed)")
    }

    /// What every example of the format is, where the format fixes it.
    private var fixedImages: ExampleSignature? {
        switch format {
        case .glyphs: ExampleSignature(input: .image(height: 28, width: 28, channels: 1), output: .classes(10))
        case .cifar10: ExampleSignature(input: .image(height: 32, width: 32, channels: 3), output: .classes(10))
        case .idx, .npy: nil
        }
    }
}
